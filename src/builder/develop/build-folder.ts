import {mkdir, readdir, readFile, realpath, writeFile} from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import {canonicalJson} from '../../core/digest.js';
import {InputError} from '../../core/errors.js';
import {reservedFolderOf} from '../../executor/local/own-folders.js';
import {makeFolders} from '../../files/make-folders.js';

/** Our folder in a build folder: notes, the lock, the home of commands, compiled Python files. */
const stateName = '.ampoule';

/** A developer's build folder: kept from run to run, one for each set of options. */
export interface BuildFolder {
  /** Absolute, without links. */
  readonly path: string;
  /** The tree, relative to it. */
  readonly tree: string;
  /** Our folder there, absolute. */
  readonly state: string;
}

/** What a build folder was configured for, by name: digests and texts. */
export type ConfiguredFor = Readonly<Record<string, string>>;

/** The first step that is due in a build folder, and why. */
export interface DueStep {
  readonly step: 'clean' | 'configure' | 'make';
  /** The inputs that changed, for the user. */
  readonly changed: readonly string[];
}

/** `cpython-build-debug` beside `cpython`. */
export function usualBuildFolder(tree: string, options: readonly string[]): string {
  const words = options.map((option) => (option === 'noopt' ? 'release' : option));
  return `${tree}-build-${words.join('-')}`;
}

/**
 * Makes a build folder, or opens one that was made for the same tree.
 * @throws InputError if it holds anything else, or cannot be made or mounted.
 */
export async function openBuildFolder(folder: string, tree: string): Promise<BuildFolder> {
  await makeFolders(folder).catch((error: unknown) => {
    throw new InputError([
      `--build-folder: ${folder} cannot be made (${(error as Error).message}).\n` +
        'Name another folder with --build-folder.',
    ]);
  });
  const real = await realpath(folder);
  checkPlaces(real, tree);
  const state = path.join(real, stateName);
  const present = await readdir(real);
  if (present.length > 0 && !present.includes(stateName)) {
    throw new InputError([
      `--build-folder: ${real} has files that \`ampoule develop\` did not make.\n` +
        'Name a folder that is empty or does not exist.',
    ]);
  }
  await mkdir(path.join(state, 'home'), {recursive: true});
  const made = {path: real, tree: path.relative(real, tree), state};
  const before = await readConfigured(made);
  const other = before?.['tree'];
  if (other !== undefined && other !== tree) {
    throw new InputError([
      `--build-folder: ${real} belongs to the tree ${other}, not to ${tree}.\n` +
        'Name another folder with --build-folder, or remove this one.',
    ]);
  }
  return made;
}

/** Refuses paths that make or the sandbox cannot work with. */
function checkPlaces(folder: string, tree: string): void {
  for (const [name, place] of [
    ['the tree', tree],
    ['the build folder', folder],
  ] as const) {
    const taken = reservedFolderOf(place);
    if (taken !== undefined) {
      throw new InputError([
        `${name} is ${place}, but the sandbox has a ${taken} of its own. Move it elsewhere, such as below /home.`,
      ]);
    }
    if (!/^[\w./+,@~-]+$/.test(place)) {
      throw new InputError([
        `${name} is ${place}: make cannot work with white space and special characters in a path. ` +
          'Expected letters, digits and . / + , @ ~ - _ only.',
      ]);
    }
  }
  for (const [outer, inner] of [
    [tree, folder],
    [folder, tree],
  ] as const) {
    if (inner === outer || inner.startsWith(`${outer}/`)) {
      throw new InputError([
        `--build-folder: ${folder} and the tree ${tree} lie in each other; name a folder beside the tree`,
      ]);
    }
  }
}

/** Compares what the folder was configured for with what is expected now. */
export async function dueStep(folder: BuildFolder, expected: ConfiguredFor): Promise<DueStep> {
  const before = await readConfigured(folder);
  // Without a note, an interrupted run may have left files.
  if (before === undefined) return {step: 'clean', changed: []};
  const changed = Object.keys(expected).filter((name) => expected[name] !== before[name]);
  if (changed.length === 0) return {step: 'make', changed};
  const isScriptAlone = changed.every((name) => name === 'configure');
  return {step: isScriptAlone ? 'configure' : 'clean', changed};
}

/** Writes what the folder will be configured for. The script of the sandbox gives the note its final name. */
export async function noteExpected({state}: BuildFolder, expected: ConfiguredFor): Promise<void> {
  await writeFile(path.join(state, 'inputs.new'), `${canonicalJson(expected)}\n`);
}

async function readConfigured({state}: BuildFolder): Promise<ConfiguredFor | undefined> {
  const text = await readFile(path.join(state, 'inputs'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const note = v.safeParse(v.record(v.string(), v.string()), JSON.parse(text));
    return note.success ? note.output : undefined;
  } catch {
    return undefined;
  }
}
