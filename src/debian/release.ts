import {parseSha256, type Sha256} from '../core/digest.js';
import {parseControl, type ControlParagraph} from './control.js';

/** An index file of a suite as its Release file pins it. */
export interface IndexFile {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/** What is used of a suite's Release file. Times are ISO 8601, to the second: `2026-09-12T07:55:41Z`. */
export interface ReleaseFile {
  readonly origin: string;
  readonly suite: string;
  readonly codename: string;
  readonly date: string;
  /** When the file ends to be current; stable releases never do: `undefined`. */
  readonly validUntil?: string;
  /** Whether index files also lie under their hash, which holds while a mirror is being updated. */
  readonly hasByHash: boolean;
  /** Whether packages for every architecture have an index of their own, which no other index repeats. */
  readonly hasIndexForAll: boolean;
  /** Index files by path below `dists/<suite>/`. */
  readonly files: ReadonlyMap<string, IndexFile>;
}

/** Reads the text that an InRelease file signs. `undefined` when it is no such text. */
export function parseRelease(text: string): ReleaseFile | undefined {
  const [paragraph] = parseControl(text);
  if (paragraph === undefined) return undefined;
  const field = (name: string): string => paragraph.get(name) ?? '';
  const date = isoTime(field('date'));
  if (date === undefined) return undefined;
  const validUntil = isoTime(field('valid-until'));
  // A time that cannot be read must not count as "for ever".
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
