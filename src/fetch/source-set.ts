import type {Dispatcher} from 'undici';
import type {SourceSet} from '../core/target.js';
import {discard, HttpClient, redactedMessageOf} from './http-client.js';

/** The chosen source set, and the reason for the user. */
export interface SourceSetChoice {
  readonly sourceSet: SourceSet;
  readonly reason: string;
}

/** How upstream hosts are probed. */
export interface SourceSetProbing {
  readonly signal: AbortSignal;
  /** A host that does not answer within this time counts as unreachable. */
  readonly timeoutMs?: number;
  readonly dispatcher?: Dispatcher;
}

/**
 * Chooses the source set. `auto` probes each host of `upstreamUrls` once, concurrently, and chooses `upstream` only if
 * all of them answer.
 */
export async function chooseSourceSet(
  wanted: SourceSet | 'auto',
  upstreamUrls: readonly string[],
  {signal, timeoutMs = 5_000, dispatcher}: SourceSetProbing,
): Promise<SourceSetChoice> {
  if (wanted !== 'auto') return {sourceSet: wanted, reason: 'it was asked for'};
  const urlByHost = new Map(upstreamUrls.map((url) => [new URL(url).host, url]));
  const timeouts = {connectTimeoutMs: timeoutMs, stallTimeoutMs: timeoutMs};
  await using client = new HttpClient(timeouts, dispatcher);
  const silent = await Promise.all(
    [...urlByHost].map(async ([host, url]) => {
      const reason = await reasonOfSilence(
        client,
        url,
        AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      );
      return reason === undefined ? [] : [`${host} (${reason})`];
    }),
  );
  signal.throwIfAborted();
  const hosts = silent.flat();
  return hosts.length === 0
    ? {sourceSet: 'upstream', reason: `all ${urlByHost.size} upstream hosts answer`}
    : {
        sourceSet: 'debian',
        reason: `${hosts.length} of ${urlByHost.size} upstream hosts do not answer: ${shorten(hosts)}`,
      };
}

/** The first of a list, and the number of others. */
function shorten([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** Why a host counts as unreachable; `undefined` if it answers. */
async function reasonOfSilence(
  client: HttpClient,
  url: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const {statusCode, body} = await client.request(url, {method: 'HEAD', signal});
    await discard(body);
    // Some servers refuse HEAD for files that they have.
    return statusCode < 400 || statusCode === 405 ? undefined : `status ${statusCode}`;
  } catch (error) {
    if (signal.aborted) return 'no answer in time';
    return redactedMessageOf(error) || 'no connection';
  }
}
