import type {Dispatcher} from 'undici';
import {snapshotUrl} from '../debian/image-sources.js';
import {parseInRelease} from '../debian/release.js';
import {discard, HttpClient} from './http-client.js';

/** Where Debian's archive can be had from. */
export interface DebianMirrors {
  /** URLs that pool paths of a suite are put behind, without a trailing slash, in the order they are tried. */
  basesFor(suite: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** What is known about mirrors before anything was asked. */
export interface MirrorKnowledge {
  /** The mirror that the user named: taken at their word, tried first. */
  readonly configured?: string;
  /** Addresses from the machine's apt configuration, in its order: see `parseAptUris`. */
  readonly aptUris: readonly string[];
  /** A time as Debian's snapshot service writes it: its archive of that time is tried last. */
  readonly snapshot?: string;
}

/** How mirrors are asked. */
export interface MirrorProbing {
  /** A mirror that does not answer in this time does not count. */
  readonly timeoutMs?: number;
  readonly dispatcher?: Dispatcher;
}

const maxInReleaseBytes = 4 << 20;

/**
 * Mirrors in the order in which they are tried: the configured one, those of apt that have Debian's archive of the suite
 * (asked once per suite, when its first file is wanted), Debian's snapshot service. Order is about speed, not about trust:
 * whatever a mirror sends is checked against its pin.
 */
export function discoverDebianMirrors(
  knowledge: MirrorKnowledge,
  probing: MirrorProbing = {},
): DebianMirrors {
  const bySuite = new Map<string, Promise<readonly string[]>>();
  const find = async (suite: string, signal: AbortSignal): Promise<readonly string[]> => {
    const {configured, aptUris, snapshot} = knowledge;
    const ofApt = await Promise.all(
      aptUris.map(async (uri) => ((await hasSuite(uri, suite, probing, signal)) ? [uri] : [])),
    );
    return [
      ...new Set([
        ...(configured === undefined ? [] : [configured.replace(/\/+$/, '')]),
        ...ofApt.flat(),
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

async function hasSuite(
  base: string,
  suite: string,
  {timeoutMs = 10_000, dispatcher}: MirrorProbing,
  signal: AbortSignal,
): Promise<boolean> {
  const timeouts = {connectTimeoutMs: timeoutMs, stallTimeoutMs: timeoutMs};
  await using client = new HttpClient(timeouts, dispatcher);
  try {
    const {statusCode, body} = await client.request(`${base}/dists/${suite}/InRelease`, {signal});
    if (statusCode !== 200) {
      await discard(body);
      return false;
    }
    let text = '';
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length > maxInReleaseBytes) return false;
    }
    return isDebianSuite(text, suite);
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/**
 * Whether an InRelease file is that of a suite of Debian's own archive: third-party archives that apt is configured with
 * have other origins, `debian-security` has other suites. This is the one place where a mirror is judged, so a check of
 * the file's signature belongs here.
 */
export function isDebianSuite(inRelease: string, suite: string): boolean {
  const release = parseInRelease(inRelease);
  return (
    release !== undefined &&
    release.origin === 'Debian' &&
    (release.suite === suite || release.codename === suite)
  );
}
