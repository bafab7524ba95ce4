import {open} from 'node:fs/promises';
import path from 'node:path';
import type {Sha256} from '../../core/digest.js';
import {messageOf} from '../../core/errors.js';
import type {EventListener} from '../../core/events.js';
import type {Source} from '../../core/source.js';
import {ChecksumMismatchError, SourceUnavailableError} from '../../fetch/fetch-error.js';
import {fetchSources} from '../../fetch/fetch-sources.js';
import {HttpClient} from '../../fetch/http-client.js';
import {
  readSourceArchive,
  SourceArchiveError,
  type SourceContents,
} from '../../fetch/read-source-archive.js';
import {readUnpinned} from '../../fetch/read-unpinned.js';
import {defaultRetryPolicy} from '../../fetch/retry-policy.js';
import type {DiskStore} from '../../store/disk-store.js';
import {openTemporaryFolder} from '../temporary-folder.js';
import type {SuiteSource} from './debian-suites.js';
import {RecipeEditError} from './recipe-edit-error.js';

/** A file that was read to its end; the store has it. */
export interface FoundFile {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** ISO day of the newest file in it. */
  readonly date: string;
  /** The names of the files in its top folder; empty if nobody could look. */
  readonly topFiles: readonly string[];
  /** Where it was read. */
  readonly url: string;
}

/** Something that was looked for: found, or the reason why not. */
export type Finding<T = FoundFile> =
  {readonly kind: 'found'; readonly file: T} | {readonly kind: 'left'; readonly reason: string};

/** What downloads need. */
export interface FindMeans {
  readonly store: DiskStore;
  readonly onEvent: EventListener;
  readonly signal: AbortSignal;
  /** The day of the newest file, where the archive cannot be read here. */
  readonly date: string | undefined;
}

/** A file whose date is known. */
export type KnownFile = Pick<FoundFile, 'sha256' | 'date'>;

/** Many times the largest source. */
const maximumBytes = 2 ** 31;
const timeouts = {
  connectTimeoutMs: 10_000,
  stallTimeoutMs: 30_000,
  slowest: {bytes: 60 << 10, withinMs: 60_000},
};

/** Downloads a file of unknown bytes from the first of these URLs that has it, each asked once. */
export async function findUpstream(
  urls: readonly string[],
  means: FindMeans,
  known?: KnownFile,
): Promise<Finding> {
  const reasons: string[] = [];
  await using client = new HttpClient(timeouts);
  for (const url of urls) {
    means.onEvent({type: 'notice', message: `asking   ${url}`});
    const file = await downloadUnpinned(url, client, means);
    if (file.kind === 'found') {
      const contents = await contentsOf(file.file.sha256, url, means, known);
      return {kind: 'found', file: {...file.file, ...contents, url}};
    }
    reasons.push(`${url}: ${file.reason}`);
  }
  return {kind: 'left', reason: reasons.join('; ')};
}

async function downloadUnpinned(
  url: string,
  client: HttpClient,
  {store, signal}: FindMeans,
): Promise<Finding<Pick<FoundFile, 'sha256' | 'sizeBytes'>>> {
  await using folder = await openTemporaryFolder(store, 'recipe');
  const temporaryPath = path.join(folder.path, 'download');
  const read = await writeTo(temporaryPath, (onBytes) =>
    readUnpinned(url, {client, signal, maximumBytes, onBytes}),
  );
  if (read.kind === 'failed') return {kind: 'left', reason: read.reason};
  await store.sources.publish(read.sha256, temporaryPath);
  return {kind: 'found', file: read};
}

async function writeTo<T>(
  file: string,
  fill: (onBytes: (bytes: Uint8Array) => Promise<void>) => Promise<T>,
): Promise<T> {
  await using output = await open(file, 'w');
  return await fill((bytes) => output.appendFile(bytes));
}

/**
 * Downloads an archive that signed indexes pin, from the mirrors that the suites were read from.
 * @throws RecipeEditError if a mirror serves other bytes.
 */
export async function findInDebian(
  sources: readonly [SuiteSource, ...SuiteSource[]],
  means: FindMeans,
  known?: KnownFile,
): Promise<Finding> {
  const [{poolPath, sha256, sizeBytes, suite}] = sources;
  const urls = [...new Set(sources.map(({base}) => `${base}/${poolPath}`))];
  const fileName = path.posix.basename(poolPath);
  const locations = urls.map((url) => ({kind: 'url', url}) as const);
  const source: Source = {fileName, sha256, sizeBytes, locations};
  const {store, signal, onEvent} = means;
  try {
    await fetchSources([source], {
      ...{sink: store.sources, signal, retry: {...defaultRetryPolicy, rounds: 2}},
      mirrors: {basesFor: () => Promise.resolve([])},
      onEvent: (event) => onEvent({type: 'fetch', event}),
    });
  } catch (error) {
    if (error instanceof SourceUnavailableError) {
      const attempts = error.failures.flatMap((failure) => failure.attempts);
      const told = new Set(attempts.map(({url, reason}) => `${url}: ${reason}`));
      const next = attempts.some(({isMissing}) => isMissing)
        ? 'the mirror is behind its own index: try again in some hours, or name another with --debian-mirror'
        : 'name another mirror with --debian-mirror';
      return {kind: 'left', reason: `${suite} lists it, but ${[...told].join('; ')}; ${next}`};
    }
    if (error instanceof ChecksumMismatchError) {
      throw new RecipeEditError(
        `${error.url} is refused: the signed index of ${suite} says sha256 ${sha256}, ${sizeBytes} bytes; ` +
          `found ${error.actual.sha256 ?? 'another file'}, ${error.actual.sizeBytes} bytes\n` +
          'Nothing was written. Name another mirror with --debian-mirror.',
        {cause: error},
      );
    }
    throw error;
  }
  const contents = await contentsOf(sha256, fileName, means, known);
  return {kind: 'found', file: {sha256, sizeBytes, ...contents, url: urls[0] ?? poolPath}};
}

async function contentsOf(
  digest: Sha256,
  fileName: string,
  {store, date: named}: FindMeans,
  known: KnownFile | undefined,
): Promise<SourceContents> {
  try {
    return await readSourceArchive(store.sources.pathOf(digest), path.posix.basename(fileName));
  } catch (error) {
    if (!(error instanceof SourceArchiveError)) throw error;
    const date = named ?? (known?.sha256 === digest ? known.date : undefined);
    if (date !== undefined) return {date, topFiles: []};
    throw new RecipeEditError(
      `${messageOf(error)}\nIts newest file cannot be dated, and nothing was written. ` +
        `Look with: tar --list --verbose --file ${store.sources.pathOf(digest)}\n` +
        'Then name the day of the newest file with --date YYYY-MM-DD.',
      {cause: error},
    );
  }
}
