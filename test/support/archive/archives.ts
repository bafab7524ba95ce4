import {readdirSync} from 'node:fs';
import path from 'node:path';

/** The two archives of one build, and what their names say. */
export interface ArchivePair {
  readonly full: string;
  readonly installOnly: string;
  /** `3.14.7` */
  readonly python: string;
  /** `3.14` */
  readonly majorMinor: string;
  readonly dateTag: string;
  readonly targetTriple: string;
  readonly options: string;
}

const fullName =
  /^cpython-(?<python>(?<majorMinor>\d+\.\d+)\.\d+(?:(?:a|b|rc)\d+)?)\+(?<dateTag>\d{8})-(?<targetTriple>[a-z0-9_]+-unknown-linux-[a-z]+)-(?<options>[a-z+]+)-full\.tar\.zst$/;

/**
 * The archives to test: every pair in the folder `AMPOULE_E2E_DIST`, or in `dist/`. Throws when there is none, because
 * a suite that tests nothing must not pass.
 */
export function findArchives(): readonly ArchivePair[] {
  const folder = path.resolve(process.env['AMPOULE_E2E_DIST'] ?? 'dist');
  const names = namesIn(folder);
  const pairs = names.flatMap((name) => {
    const match = fullName.exec(name)?.groups;
    if (match === undefined) return [];
    const {python = '', majorMinor = '', dateTag = '', targetTriple = '', options = ''} = match;
    const installOnly = `cpython-${python}+${dateTag}-${targetTriple}-install_only.tar.gz`;
    if (!names.includes(installOnly)) return [];
    return [
      {
        full: path.join(folder, name),
        installOnly: path.join(folder, installOnly),
        python,
        majorMinor,
        dateTag,
        targetTriple,
        options,
      },
    ];
  });
  if (pairs.length === 0) {
    throw new Error(
      `No pair of a full and an install_only archive in ${folder}.\n` +
        '  Build one with `npm start`, or name the folder of one: AMPOULE_E2E_DIST=<folder> npm run test:e2e',
    );
  }
  return pairs;
}

/** The Python versions of the archives, for titles. */
export function archiveCases(): readonly (readonly [string, ArchivePair])[] {
  return findArchives().map((pair) => [`${pair.python} ${pair.options}`, pair] as const);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}
