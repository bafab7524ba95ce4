import {parseControl} from './control.js';

/** What is used of a suite's `InRelease` file. */
export interface ReleaseFile {
  readonly origin: string;
  readonly suite: string;
  readonly codename: string;
  /** ISO 8601, seconds: `2026-09-12T07:55:41Z`. */
  readonly date: string;
  /** sha256 of the suite's index files by path below `dists/<suite>/`. */
  readonly sha256: ReadonlyMap<string, string>;
}

/**
 * Reads the text of an `InRelease` file, without judging its signature. `undefined` when it is no such file.
 */
export function parseInRelease(text: string): ReleaseFile | undefined {
  const match =
    /^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[^\n]+\n)*\n([\s\S]*?)\n-----BEGIN PGP SIGNATURE-----/.exec(
      text,
    );
  const [paragraph] = parseControl(match?.[1] ?? '');
  if (paragraph === undefined) return undefined;
  const date = new Date(paragraph.get('date') ?? '');
  if (Number.isNaN(date.getTime())) return undefined;
  const entries = (paragraph.get('sha256') ?? '').split('\n').flatMap((line) => {
    const [digest, , name] = line.split(/ +/);
    return digest === undefined || name === undefined ? [] : [[name, digest] as const];
  });
  return {
    origin: paragraph.get('origin') ?? '',
    suite: paragraph.get('suite') ?? '',
    codename: paragraph.get('codename') ?? '',
    date: date.toISOString().replace(/\.\d+Z$/, 'Z'),
    sha256: new Map(entries),
  };
}
