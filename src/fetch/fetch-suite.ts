import type {Dispatcher} from 'undici';
import {sha256, type Sha256} from '../core/digest.js';
import {BuildError} from '../core/errors.js';
import type {SourceSink} from '../core/source-store.js';
import type {Source} from '../core/source.js';
import {checkTimes, readInRelease, RefusedReleaseError, type Trust} from '../debian/in-release.js';
import {packageIndexPieces} from '../debian/package-index-file.js';
import {readPackageIndex, type PackageIndex} from '../debian/package-index.js';
import type {ReleaseFile} from '../debian/release.js';
import {ChecksumMismatchError} from './fetch-error.js';
import {fetchSources, type FetchOptions} from './fetch-sources.js';
import {HttpClient, redactedMessageOf} from './http-client.js';
import {fetchInRelease, inReleaseUrl} from './in-release-file.js';

/** A suite on one mirror, signed by Debian. */
export interface SignedSuite {
  /** The mirror's address, without a trailing slash. */
  readonly base: string;
  readonly suite: string;
  readonly release: ReleaseFile;
  /** The InRelease file as downloaded. */
  readonly inRelease: string;
  readonly releaseSha256: Sha256;
  /** The Release file's Valid-Until, if it had passed. */
  readonly expiredSince?: string;
}

/** An address that a suite may be read from. */
export interface MirrorCandidate {
  readonly base: string;
  /** Whether the user named it: then an invalid answer ends the search. */
  readonly isNamed: boolean;
}

/** How a suite is searched for. */
export interface SuiteSearch extends Trust {
  readonly suite: string;
  /** Tried in order. */
  readonly candidates: readonly MirrorCandidate[];
  readonly isExpiredAllowed: boolean;
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly dispatcher?: Dispatcher;
}

/** No mirror served a trusted suite. */
export class SuiteUnavailableError extends BuildError {
  override readonly name = 'SuiteUnavailableError';
  readonly code = 'E_SUITE_UNAVAILABLE';

  constructor(
    readonly suite: string,
    /** Why each address was not used. */
    readonly reasons: ReadonlyMap<string, string>,
  ) {
    super(
      [
        `Debian's suite ${suite} could not be read from any mirror:`,
        ...[...reasons].map(([url, reason]) => `  ${url}: ${reason.replaceAll('\n', '\n  ')}`),
        'Check the network, or name a Debian mirror with --debian-mirror or AMPOULE_DEBIAN_MIRROR.',
      ].join('\n'),
    );
  }
}

/**
 * The suite from the first mirror that has it with a valid signature and not expired.
 * @throws RefusedReleaseError when a named mirror serves something else, SuiteUnavailableError when no mirror has it,
 * InputError for a damaged key file, or the signal's reason.
 */
export async function findSuite(search: SuiteSearch): Promise<SignedSuite> {
  const {suite, timeoutMs = 10_000, dispatcher, signal} = search;
  const timeouts = {connectTimeoutMs: timeoutMs, stallTimeoutMs: timeoutMs};
  await using client = new HttpClient(timeouts, dispatcher);
  const reasons = new Map<string, string>();
  for (const {base, isNamed} of search.candidates) {
    const url = inReleaseUrl(base, suite);
    let bytes: Buffer;
    try {
      bytes = await fetchInRelease(client, base, suite, signal);
    } catch (error) {
      signal.throwIfAborted();
      reasons.set(url, redactedMessageOf(error));
      continue;
    }
    try {
      return await readSuite({base, suite, inRelease: bytes.toString()}, search);
    } catch (error) {
      if (!(error instanceof RefusedReleaseError)) throw error;
      if (isNamed) throw error.from(url);
      reasons.set(url, error.reason);
    }
  }
  throw new SuiteUnavailableError(suite, reasons);
}

/**
 * A suite from its InRelease file.
 * @throws RefusedReleaseError if the file is not signed for the suite, or has expired and that is not allowed.
 */
export async function readSuite(
  {base, suite, inRelease}: Pick<SignedSuite, 'base' | 'suite' | 'inRelease'>,
  trust: Trust & Pick<SuiteSearch, 'isExpiredAllowed'>,
): Promise<SignedSuite> {
  const release = await readInRelease(inRelease, suite, trust);
  const expiredSince = checkTimes(release, trust);
  const found = {base, suite, release, inRelease, releaseSha256: sha256(inRelease)};
  return {...found, ...(expiredSince !== undefined && {expiredSince})};
}

const component = 'main';

/**
 * The packages of a suite for an architecture, from index files that its Release file pins.
 * @throws RefusedReleaseError when they are missing or not the pinned ones, and what `fetchSources` throws.
 */
export async function fetchPackageIndex(
  signed: SignedSuite,
  architecture: string,
  options: IndexFetching,
): Promise<PackageIndex> {
  return readPackageIndex(await fetchIndex(packageIndexSources(signed, architecture), options));
}

/**
 * The `Sources` file of a suite, in pieces that are read when they are asked for.
 * @throws like `fetchPackageIndex`.
 */
export async function fetchSourceIndex(
  signed: SignedSuite,
  options: IndexFetching,
): Promise<AsyncIterable<string>> {
  return fetchIndex([sourceIndexOf(signed)], options);
}

/** The `Sources` file of a suite, pinned by its Release file. @throws RefusedReleaseError if that names none. */
export function sourceIndexOf(signed: SignedSuite): Source {
  const folder = `${component}/source`;
  const source = indexSource(signed, folder, 'Sources');
  if (source !== undefined) return source;
  throw new RefusedReleaseError(
    `${inReleaseUrl(signed.base, signed.suite)} names no ${folder}/Sources.xz or .gz`,
  );
}

type IndexFetching = Omit<FetchOptions, 'mirrors'>;

async function fetchIndex(
  sources: readonly Source[],
  options: IndexFetching,
): Promise<AsyncIterable<string>> {
  try {
    await fetchSources(sources, {...options, mirrors: {basesFor: () => Promise.resolve([])}});
  } catch (error) {
    if (!(error instanceof ChecksumMismatchError)) throw error;
    const {source, url, actual} = error;
    throw new RefusedReleaseError(
      `${url} is refused: expected, by InRelease, sha256 ${source.sha256}, ${source.sizeBytes} bytes, ` +
        `found ${actual.sha256 === undefined ? '' : `sha256 ${actual.sha256}, `}${actual.sizeBytes} bytes`,
      'The mirror is being updated, or damaged: try again later, or name another with --debian-mirror.',
      {cause: error},
    );
  }
  return piecesOf(sources, options.sink);
}

async function* piecesOf(sources: readonly Source[], sink: SourceSink): AsyncIterable<string> {
  for (const {fileName, sha256: digest} of sources) {
    yield* packageIndexPieces(sink.pathOf(digest), fileName);
  }
}

/**
 * The index files of a suite for an architecture, pinned by its Release file.
 * @throws RefusedReleaseError when the Release file names none.
 */
function packageIndexSources(
  {base, suite, release}: SignedSuite,
  architecture: string,
): readonly Source[] {
  const architectures = release.hasIndexForAll ? [architecture, 'all'] : [architecture];
  return architectures.map((name) => {
    const folder = `${component}/binary-${name}`;
    const source = indexSource({base, suite, release}, folder, 'Packages');
    if (source === undefined) {
      throw new RefusedReleaseError(
        `${inReleaseUrl(base, suite)} names no ${folder}/Packages.xz or .gz: the suite has no packages for ${name}`,
        'Change `suite` or `architecture` in image.yaml.',
      );
    }
    return source;
  });
}

/** A compressed index file below `dists/<suite>/`; `undefined` if the Release file names none. */
function indexSource(
  {base, suite, release}: Pick<SignedSuite, 'base' | 'suite' | 'release'>,
  folder: string,
  name: string,
): Source | undefined {
  const fileName = [`${name}.xz`, `${name}.gz`].find((candidate) =>
    release.files.has(`${folder}/${candidate}`),
  );
  const file = release.files.get(`${folder}/${fileName ?? ''}`);
  if (fileName === undefined || file === undefined) return undefined;
  const url = `${base}/dists/${suite}/${folder}`;
  const urls = [
    ...(release.hasByHash ? [`${url}/by-hash/SHA256/${file.sha256}`] : []),
    `${url}/${fileName}`,
  ];
  return {fileName, ...file, locations: urls.map((each) => ({kind: 'url', url: each}))};
}
