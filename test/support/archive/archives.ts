import {readdirSync} from 'node:fs';
import path from 'node:path';

/** The archives of one build, and what their names say. */
export interface ArchiveSet {
  readonly full: string;
  /** The archive that is installed from: that of flavour `install_only`, unless a case says otherwise. */
  readonly installOnly: string;
  readonly stripped: string;
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
 * The archives to test: every set of three in the folder `AMPOULE_E2E_DIST`, or in `dist/`. Throws when there is none, because
 * a suite that tests nothing must not pass.
 */
export function findArchives(): readonly ArchiveSet[] {
  const folder = path.resolve(process.env['AMPOULE_E2E_DIST'] ?? 'dist');
  const names = namesIn(folder);
  const sets = names.flatMap((name) => {
    const match = fullName.exec(name)?.groups;
    if (match === undefined) return [];
    const {python = '', majorMinor = '', dateTag = '', targetTriple = '', options = ''} = match;
    const installOnly = `cpython-${python}+${dateTag}-${targetTriple}-install_only.tar.gz`;
    const stripped = installOnly.replace('install_only', 'install_only_stripped');
    if (!names.includes(installOnly) || !names.includes(stripped)) return [];
    return [
      {
        full: path.join(folder, name),
        installOnly: path.join(folder, installOnly),
        stripped: path.join(folder, stripped),
        python,
        majorMinor,
        dateTag,
        targetTriple,
        options,
      },
    ];
  });
  if (sets.length === 0) {
    throw new Error(
      `No full, install_only and install_only_stripped archives of one build in ${folder}.\n` +
        '  Build one with `npm start`, or name the folder of one: AMPOULE_E2E_DIST=<folder> npm run test:e2e',
    );
  }
  return sets;
}

/** The builds to test, with titles. */
export function archiveCases(): readonly (readonly [string, ArchiveSet])[] {
  return findArchives().map((set) => [`${set.python} ${set.options}`, set] as const);
}

/** The builds to test, each once for every flavour that users install, with titles. */
export function installCases(): readonly (readonly [string, ArchiveSet])[] {
  return archiveCases().flatMap(([title, set]) => [
    [title, set] as const,
    [`${title} stripped`, {...set, installOnly: set.stripped}] as const,
  ]);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}
