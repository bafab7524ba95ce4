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
      `${option}: ${path.join(real, versionFile)} does not say the version: expected PY_MAJOR_VERSION, ` +
        'PY_MINOR_VERSION, PY_MICRO_VERSION, PY_RELEASE_LEVEL and PY_RELEASE_SERIAL',
    ]);
  }
  return {folder: real, version, ...likeOf(version, option, project)};
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

/** Which version a tree is built like: its own in a known series, else that of the nearest series. */
function likeOf(
  version: string,
  option: string,
  project: Project,
): Pick<PythonTree, 'likePython' | 'notice'> {
  const minorOf = (series: string): number => Number(series.split('.')[1]);
  const series = seriesOf(version);
  const [nearest] = pythonsOf(project)
    .filter((known) => known.series.split('.')[0] === series.split('.')[0])
    .map((known) => ({...known, distance: Math.abs(minorOf(known.series) - minorOf(series))}))
    .sort((left, right) => left.distance - right.distance);
  if (nearest === undefined) {
    throw new InputError([`${option}: no recipe is near CPython ${version}`]);
  }
  const {upstream, debian} = nearest.folder.recipe.pins;
  if ([upstream.version, debian.version].includes(version)) return {likePython: version};
  const pinned = upstream.version;
  const notice = `no recipe has CPython ${version}: it is built like ${pinned}, with the conditions (when:) and patches of ${nearest.series}`;
  return {likePython: nearest.distance === 0 ? version : pinned, notice};
}
