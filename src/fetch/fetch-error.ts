import type {Source} from '../core/source.js';
import {compareCodeUnits} from '../core/digest.js';
import {BuildError} from '../core/errors.js';
import {printableLine} from '../core/printable.js';
import {megabytes} from '../report/lines.js';

/** One attempt to download a source from one location. */
export interface FetchAttempt {
  readonly url: string;
  readonly reason: string;
  /** The server does not have the file. */
  readonly isMissing: boolean;
}

/** A source that no location served. */
export interface FailedSource {
  readonly source: Source;
  readonly attempts: readonly FetchAttempt[];
}

/** The number of sources that a message spells out; the rest is counted. */
const shownSources = 5;

/** No location served these sources. */
export class SourceUnavailableError extends BuildError {
  override readonly name = 'SourceUnavailableError';
  readonly code = 'E_SOURCE_UNAVAILABLE';

  /** `nextSteps` are advice for these sources, such as how to lock an image again. */
  constructor(
    readonly failures: readonly FailedSource[],
    nextSteps: readonly string[] = [],
  ) {
    const hidden = failures.length - shownSources;
    super(
      [
        `${failures.length === 1 ? 'A source' : `${failures.length} sources`} could not be downloaded:`,
        ...failures.slice(0, shownSources).flatMap(describeFailure),
        ...(hidden > 0 ? [`  and ${hidden} more`] : []),
        ...nextSteps,
        'Check the network, or name a Debian mirror with --debian-mirror or AMPOULE_DEBIAN_MIRROR.',
        'What was downloaded so far is kept; the same command continues from there.',
      ].join('\n'),
    );
  }
}

/** Sources are missing in the store, and downloads are forbidden. */
export class SourcesMissingError extends BuildError {
  override readonly name = 'SourcesMissingError';
  readonly code = 'E_SOURCES_MISSING';

  constructor(
    readonly sources: readonly Source[],
    advice: {
      /** The command to run with a network. */
      readonly fetchCommand: string;
      /** A file with `missingSourcesText`; `undefined` if it could not be written. */
      readonly listPath: string | undefined;
    },
  ) {
    const hidden = sources.length - shownSources;
    const bytes = sources.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0);
    super(
      [
        `${sources.length === 1 ? 'A source is' : `${sources.length} sources (${megabytes(bytes)}) are`} not in the store, and --offline forbids downloads:`,
        ...sources.slice(0, shownSources).map((source) => `  ${describeSource(source)}`),
        ...(hidden > 0 ? [`  and ${hidden} more`] : []),
        ...(advice.listPath === undefined ? [] : [`All of them are listed in ${advice.listPath}`]),
        `Next, with a network: ${advice.fetchCommand}`,
      ].join('\n'),
    );
  }
}

/** Each source once, a line each, in the order of the file names. */
export function missingSourcesText(sources: readonly Source[]): string {
  const lines = new Set(sources.map((source) => `${describeSource(source)}\n`));
  return [...lines].sort(compareCodeUnits).join('');
}

/** A location served bytes that do not match the pin, and no other location served the right ones. */
export class ChecksumMismatchError extends BuildError {
  override readonly name = 'ChecksumMismatchError';
  readonly code = 'E_CHECKSUM_MISMATCH';

  constructor(
    readonly source: Source,
    readonly url: string,
    /** `sha256` is missing if the file could not be read to its end. */
    readonly actual: {readonly sha256?: string; readonly sizeBytes: number},
    readonly attempts: readonly FetchAttempt[],
  ) {
    super(
      [
        `Checksum mismatch for ${source.fileName} from ${url}`,
        `  expected sha256 ${source.sha256}, ${source.sizeBytes} bytes`,
        `     found ${actual.sha256 === undefined ? '' : `sha256 ${actual.sha256}, `}${actual.sizeBytes} bytes`,
        'All attempts:',
        ...describeAttempts(attempts).map((line) => `  ${line}`),
        'If the recipe was edited: its version, url, sha256 and size must be those of one file. Correct the ones that are old.',
        'If it was not: a mirror is damaged, name another with --debian-mirror; or upstream replaced the file, whose new bytes are pinned only after a comparison with the old ones.',
      ].join('\n'),
    );
  }
}

function describeFailure({source, attempts}: FailedSource): readonly string[] {
  return [
    `  ${describeSource(source)}`,
    ...describeAttempts(attempts).map((line) => `    ${line}`),
  ];
}

function describeSource({fileName, sizeBytes, sha256}: Source): string {
  return `${fileName}, ${sizeBytes} bytes, sha256 ${sha256}`;
}

/** One line per location and reason, with the number of attempts. */
function describeAttempts(attempts: readonly FetchAttempt[]): readonly string[] {
  if (attempts.length === 0) return ['no location is known for it'];
  const counts = new Map<string, number>();
  for (const {url, reason} of attempts) {
    const line = printableLine(`${url}: ${reason}`);
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
}
