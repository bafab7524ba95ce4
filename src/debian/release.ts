import {parseSha256, type Sha256} from '../core/digest.js';
import {parseControl, type ControlParagraph} from './control.js';

/** An index file of a suite, pinned by its Release file. */
export interface IndexFile {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** The used fields of a suite's Release file. Times are ISO 8601, to the second: `2026-09-12T07:55:41Z`. */
export interface ReleaseFile {
  readonly origin: string;
  readonly suite: string;
  readonly codename: string;
  readonly date: string;
  /** When the file expires; `undefined` for stable releases, which do not expire. */
  readonly validUntil?: string;
  /** Whether index files are also available by hash, which stays consistent while a mirror is updated. */
  readonly hasByHash: boolean;
  /** Whether architecture-independent packages have a separate index that no other index repeats. */
  readonly hasIndexForAll: boolean;
  /** Index files by path below `dists/<suite>/`. */
  readonly files: ReadonlyMap<string, IndexFile>;
}

/** Reads the signed text of an InRelease file; `undefined` if it is invalid. */
export function parseRelease(text: string): ReleaseFile | undefined {
  const [paragraph] = parseControl(text);
  if (paragraph === undefined) return undefined;
  const field = (name: string): string => paragraph.get(name) ?? '';
  const date = isoTime(field('date'));
  if (date === undefined) return undefined;
  const validUntil = isoTime(field('valid-until'));
  // An unreadable time must not count as "never expires".
  if (validUntil === undefined && field('valid-until') !== '') return undefined;
  return {
    origin: field('origin'),
    suite: field('suite'),
    codename: field('codename'),
    date,
    ...(validUntil !== undefined && {validUntil}),
    hasByHash: field('acquire-by-hash') === 'yes',
    hasIndexForAll: !field('no-support-for-architecture-all').split(/\s+/).includes('Packages'),
    files: readFiles(paragraph),
  };
}

function readFiles(paragraph: ControlParagraph): ReadonlyMap<string, IndexFile> {
  const entries = (paragraph.get('sha256') ?? '').split('\n').flatMap((line) => {
    const [digest = '', size = '', name] = line.split(/ +/);
    const sha256 = parseSha256(digest);
    if (sha256 === undefined || name === undefined || !/^\d{1,15}$/.test(size)) return [];
    return [[name, {sha256, sizeBytes: Number(size)}] as const];
  });
  return new Map(entries);
}

function isoTime(text: string): string | undefined {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return undefined;
  return time.toISOString().replace(/\.\d+Z$/, 'Z');
}
