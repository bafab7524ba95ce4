import {access, readFile, realpath} from 'node:fs/promises';
import path from 'node:path';
import {InputError} from '../../core/errors.js';
import {seriesOf} from '../../core/variant.js';
import {pythonsOf} from '../../stages/pythons.js';
import type {Project, PythonTree} from '../../stages/project.js';

/** The file that says the version of a tree. */
const versionFile = 'Include/patchlevel.h';

/** Files that every tree of CPython has. */
const expected = ['configure', 'Makefile.pre.in', 'Lib/os.py', versionFile];

const levels: Readonly<Record<string, string>> = {ALPHA: 'a', BETA: 'b', GAMMA: 'rc'};

/**
 * Reads what a developer's tree is.
 * @param option the words for messages: the option or the argument that names it.
 * @throws InputError if it is no tree of CPython.
 */
export async function readPythonTree(
  folder: string,
  option: string,
  project: Project,
): Promise<PythonTree> {
  const real = await realpath(folder).catch((error: unknown) => {
    throw new InputError([`${option}: ${(error as Error).message}`]);
  });
  const missing: string[] = [];
  for (const name of expected) {
    await access(path.join(real, name)).catch(() => missing.push(name));
  }
  if (missing.length > 0) {
    throw new InputError([
      `${option}: ${real} is no source tree of CPython: it has no ${missing.join(', no ')}.\n` +
        'Name the top folder of a checkout, or of an unpacked release.',
    ]);
  }
  const version = parsePatchLevel(await readFile(path.join(real, versionFile), 'utf8'));
  if (version === undefined) {
    throw new InputError([
      `${option}: ${path.join(real, versionFile)} does not say the version: wanted PY_MAJOR_VERSION, ` +
        'PY_MINOR_VERSION, PY_MICRO_VERSION, PY_RELEASE_LEVEL and PY_RELEASE_SERIAL',
    ]);
  }
  return {folder: real, version, likePython: likePythonOf(version, option, project)};
}

/** The version that `Include/patchlevel.h` defines, `3.15.0a2`; `undefined` if it defines none. */
export function parsePatchLevel(text: string): string | undefined {
  const value = (name: string): string | undefined =>
    new RegExp(`^#\\s*define\\s+PY_${name}\\s+(\\w+)`, 'm').exec(text)?.[1];
  const numbers = ['MAJOR_VERSION', 'MINOR_VERSION', 'MICRO_VERSION'].map(value);
  const level = value('RELEASE_LEVEL')?.replace('PY_RELEASE_LEVEL_', '') ?? '';
  const serial = value('RELEASE_SERIAL') ?? '';
  if (!numbers.every((number) => /^\d{1,4}$/.test(number ?? ''))) return undefined;
  const release = numbers.join('.');
  if (level === 'FINAL') return release;
  const phase = levels[level];
  return phase === undefined || !/^\d{1,4}$/.test(serial)
    ? undefined
    : `${release}${phase}${serial}`;
}

/** The version whose `when:` apply: its own in a known series, else that of the nearest one. */
function likePythonOf(version: string, option: string, project: Project): string {
  const known = pythonsOf(project);
  if (known.some(({series}) => series === seriesOf(version))) return version;
  const minorOf = (series: string): number => Number(series.split('.')[1]);
  const wanted = minorOf(seriesOf(version));
  const [nearest] = [...known]
    .filter(({series}) => series.split('.')[0] === version.split('.')[0])
    .sort(
      (left, right) =>
        Math.abs(minorOf(left.series) - wanted) - Math.abs(minorOf(right.series) - wanted),
    );
  if (nearest !== undefined) return nearest.folder.recipe.pins.upstream.version;
  throw new InputError([`${option}: no recipe is near CPython ${version}`]);
}
