import type {Dispatcher} from 'undici';
import {snapshotUrl} from '../debian/image-sources.js';
import {whyRefused} from '../debian/in-release-thread.js';
import type {KeyFile} from '../debian/in-release.js';
import {HttpClient, redactedMessageOf} from './http-client.js';
import {fetchInRelease} from './in-release-file.js';

/** The mirrors of Debian's archive. */
export interface DebianMirrors {
  /** Base URLs for pool paths of a suite, without a trailing slash, in the order in which they are tried. */
  basesFor(suite: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** What is known about mirrors before any request. */
export interface MirrorKnowledge {
  /** The mirror that the user named: used without a check, tried first. */
  readonly configured?: string;
  /** Addresses from the machine's apt configuration, in its order: see `parseAptUris`. */
  readonly aptUris: readonly string[];
  /** Reads the keys that Debian signs suites with; called when the first suite is requested. */
  readonly keys: () => Promise<readonly KeyFile[]>;
  /** A time in the format of Debian's snapshot service, whose archive of that time is tried last. */
  readonly snapshot?: string;
}

/** How mirrors are asked. */
export interface MirrorProbing {
  /** A mirror that does not answer within this time is not used. */
  readonly timeoutMs?: number;
  readonly dispatcher?: Dispatcher;
  /** Receives a notice why no mirror of apt is used. */
  readonly onNotice?: (message: string) => void;
}

/**
 * Mirrors in the order in which they are tried: the configured one, those of apt that have Debian's archive of the
 * suite (asked once per suite, when its first file is wanted), Debian's snapshot service. The order is about speed, not
 * trust: every download is checked against its pin.
 */
export function discoverDebianMirrors(
  knowledge: MirrorKnowledge,
  probing: MirrorProbing = {},
): DebianMirrors {
  const bySuite = new Map<string, Promise<readonly string[]>>();
  const {configured, aptUris, snapshot} = knowledge;
  const find = async (suite: string, signal: AbortSignal): Promise<readonly string[]> => {
    const judged = await Promise.all(
      aptUris.map(async (uri) => ({
        uri,
        reason: await whyNotDebian(uri, suite, knowledge, {...probing, signal}),
      })),
    );
    const ofApt = judged.filter(({reason}) => reason === undefined).map(({uri}) => uri);
    if (ofApt.length === 0 && aptUris.length > 0) {
      const lines = judged.map(
        ({uri, reason = ''}) => `  ${uri}: ${reason.split('\n').join('\n  ')}`,
      );
      probing.onNotice?.(
        [`no address of this machine's apt has Debian's suite ${suite}:`, ...lines].join('\n'),
      );
    }
    return [
      ...new Set([
        ...(configured === undefined ? [] : [configured.replace(/\/+$/, '')]),
        ...ofApt,
        ...(snapshot === undefined ? [] : [snapshotUrl(snapshot, '').replace(/\/+$/, '')]),
      ]),
    ];
  };
  return {
    async basesFor(suite, signal) {
      const known = bySuite.get(suite) ?? find(suite, signal);
      bySuite.set(suite, known);
      return known;
    },
  };
}

/**
 * Why an address is not a mirror of Debian's suite; `undefined` if it is one. Third-party archives in apt's
 * configuration may have suites of the same name; only Debian's signature distinguishes them.
 */
async function whyNotDebian(
  base: string,
  suite: string,
  {keys}: MirrorKnowledge,
  {timeoutMs = 10_000, dispatcher, signal}: MirrorProbing & {readonly signal: AbortSignal},
): Promise<string | undefined> {
  const timeouts = {connectTimeoutMs: timeoutMs, stallTimeoutMs: timeoutMs};
  await using client = new HttpClient(timeouts, dispatcher);
  let inRelease: Buffer;
  try {
    inRelease = await fetchInRelease(client, base, suite, signal);
  } catch (error) {
    signal.throwIfAborted();
    return redactedMessageOf(error);
  }
  return await whyRefused({
    inRelease: inRelease.toString(),
    suite,
    keys: await keys(),
    now: new Date(),
  });
}
