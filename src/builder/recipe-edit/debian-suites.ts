import type {EventListener} from '../../core/events.js';
import {ownCommand} from '../../core/own-command.js';
import {snapshotStamp} from '../../debian/image-sources.js';
import {readSourceIndex, type IndexedSource} from '../../debian/source-index.js';
import {
  fetchSourceIndex,
  findSuite,
  readSuite,
  sourceIndexOf,
  SuiteUnavailableError,
  type SignedSuite,
} from '../../fetch/fetch-suite.js';
import {defaultRetryPolicy} from '../../fetch/retry-policy.js';
import type {DiskStore} from '../../store/disk-store.js';
import {unlessReadOnly} from '../../store/read-only.js';
import {imageNames, readImageFolder, readKeyring} from '../image-folder.js';
import {mirrorCandidates} from '../open-fetcher.js';
import type {OpenedRecipes} from './open-recipes.js';

/** An upstream archive in a suite of Debian. */
export interface SuiteSource extends IndexedSource {
  /** The suite's code name. */
  readonly suite: string;
  /** The mirror that the suite was read from. */
  readonly base: string;
}

/** What is known of a suite. */
export interface SuiteState {
  readonly suite: string;
  /** Of the Release file; `undefined` if the suite could not be read. */
  readonly releaseDate?: string;
  readonly mirror?: string;
  readonly expiredSince?: string;
  /** Why it could not be read. */
  readonly problem?: string;
}

/** The source packages of several suites, the most stable suite first. */
export interface SuiteSources {
  readonly suites: readonly SuiteState[];
  readonly sources: readonly SuiteSource[];
}

/** How Debian's suites are read. */
export interface SuiteReading {
  /** The folder with `docker/keyrings`. */
  readonly project: string;
  readonly store: DiskStore;
  readonly debianMirror: string | undefined;
  /** Nothing is requested: what an earlier run has read counts. */
  readonly isOffline: boolean;
  readonly onEvent: EventListener;
  readonly signal: AbortSignal;
}

/** The order in which suites are preferred: what is released stays on the mirrors. */
const preference = ['stable', 'testing', 'unstable', 'oldstable', 'oldoldstable'];

/** The suites that recipes and images of a project use. */
export async function suitesOf({files, recipes}: OpenedRecipes): Promise<readonly string[]> {
  const images = await Promise.all(
    (await imageNames(files)).map((name) => readImageFolder(files, name)),
  );
  const ofImages = images.flatMap(({definition}) => (definition.ok ? definition.value.suite : []));
  const ofRecipes = recipes.flatMap(({folder}) =>
    (folder?.recipe.versions ?? []).flatMap(({debian}) => debian.debian?.suite ?? []),
  );
  return [...new Set([...ofRecipes, ...ofImages])];
}

/**
 * What suites have of some source packages, by their signed indexes. Suites that cannot be read are told with the reason. An
 * expired suite is read: it can only lack what came later.
 * @throws RefusedReleaseError if the named mirror serves what Debian did not sign.
 */
export async function readSuites(
  names: readonly string[],
  packages: ReadonlySet<string>,
  reading: SuiteReading,
): Promise<SuiteSources> {
  const found = await Promise.all(names.map((name) => openSuite(name, reading)));
  const rank = (state: OpenedSuite): number =>
    preference.indexOf(state.signed?.release.suite ?? '');
  const suites: SuiteState[] = [];
  const sources: SuiteSource[] = [];
  // One after the other: the decoder of xz can read one file at a time.
  for (const opened of [...found].sort((left, right) => rank(left) - rank(right))) {
    const {suite, signed, pieces, problem = 'it was not read'} = opened;
    if (signed === undefined || pieces === undefined) {
      suites.push({suite, problem});
      continue;
    }
    const {base: mirror, release, expiredSince} = signed;
    const told = {suite, mirror, releaseDate: release.date};
    suites.push({...told, ...(expiredSince !== undefined && {expiredSince})});
    const archives = await readSourceIndex(pieces, packages);
    sources.push(...archives.map((source) => ({...source, suite, base: mirror})));
    reading.signal.throwIfAborted();
  }
  tell(suites, reading.onEvent);
  return {suites, sources};
}

function tell(suites: readonly SuiteState[], onEvent: EventListener): void {
  for (const {suite, problem, expiredSince} of suites) {
    const message =
      problem ??
      (expiredSince === undefined
        ? undefined
        : `its mirror is behind: it was valid until ${expiredSince}, so what is newer is missing`);
    if (message !== undefined) onEvent({type: 'notice', message: `${suite}: ${message}`});
  }
}

interface OpenedSuite {
  readonly suite: string;
  readonly signed?: SignedSuite;
  readonly pieces?: AsyncIterable<string>;
  readonly problem?: string;
}

async function openSuite(suite: string, reading: SuiteReading): Promise<OpenedSuite> {
  const {store, signal, onEvent, isOffline} = reading;
  const trust = {keys: await readKeyring(reading.project), now: new Date(), isExpiredAllowed: true};
  const sink = store.sources;
  if (isOffline) {
    const [base = '', ...lines] = (await store.readNote(noteOf(suite)))?.split('\n') ?? [];
    const problem = `not in the store, and --offline forbids downloads; with a network: ${ownCommand('recipe outdated')}`;
    if (lines.length === 0) return {suite, problem};
    const signed = await readSuite({base, suite, inRelease: lines.join('\n')}, trust);
    if (!(await sink.has(sourceIndexOf(signed)))) return {suite, problem};
    return {suite, signed, pieces: await fetchSourceIndex(signed, {sink, signal})};
  }
  const candidates = await mirrorCandidates(reading.debianMirror, snapshotStamp(trust.now));
  let signed: SignedSuite;
  try {
    signed = await findSuite({...trust, suite, candidates, signal});
  } catch (error) {
    if (!(error instanceof SuiteUnavailableError)) throw error;
    const reasons = [...error.reasons].map(
      ([url, reason]) => `${url}: ${reason.split('\n').join(' ')}`,
    );
    return {suite, problem: `no mirror served it (${reasons.join('; ')})`};
  }
  const pieces = await fetchSourceIndex(signed, {
    ...{sink, signal, retry: {...defaultRetryPolicy, rounds: 2}},
    onEvent: (event) => onEvent({type: 'fetch', event}),
  });
  await unlessReadOnly<unknown>(
    () => store.writeNote(noteOf(suite), `${signed.base}\n${signed.inRelease}`),
    () => undefined,
  );
  return {suite, signed, pieces};
}

/** The note with the mirror of a suite and its InRelease file, which is checked again when it is read. */
function noteOf(suite: string): string {
  return `in-release-${suite}`;
}
