import {discard, HttpClient, redactedMessageOf} from './http-client.js';
import {inReleaseUrl} from './in-release-file.js';

const timeoutMs = 10_000;

/** What a mirror answered when it was asked for a suite. */
export interface MirrorAnswer {
  readonly base: string;
  /** Why it cannot be used; `undefined` if it has the suite. */
  readonly problem: string | undefined;
  /** The server's clock, in milliseconds since 1970; `undefined` if it was not told. */
  readonly serverMs: number | undefined;
}

/** Asks whether a mirror can be reached and has a suite. Downloads nothing. */
export async function askMirror(
  base: string,
  suite: string,
  signal: AbortSignal,
): Promise<MirrorAnswer> {
  await using client = new HttpClient({
    connectTimeoutMs: timeoutMs,
    stallTimeoutMs: timeoutMs,
  });
  try {
    const answer = await client.request(inReleaseUrl(base, suite), {method: 'HEAD', signal});
    await discard(answer.body);
    const {statusCode} = answer;
    const problem = statusCode === 200 ? undefined : `the server answered ${statusCode}`;
    const serverMs = Date.parse(answer.header('date') ?? '');
    return {base, problem, serverMs: Number.isNaN(serverMs) ? undefined : serverMs};
  } catch (error) {
    signal.throwIfAborted();
    return {base, problem: redactedMessageOf(error), serverMs: undefined};
  }
}
