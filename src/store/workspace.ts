import {randomBytes} from 'node:crypto';
import {mkdir, readdir, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {ResolvedKey, StageKey} from '../core/digest.js';
import {keptVolumeNote} from '../core/kept-volume.js';
import {isThere} from '../files/is-there.js';
import {removeTree} from '../files/remove-tree.js';
import {readIfThere, type StoreLayout} from './layout.js';
import {ownerName, ownerOfName} from './owner.js';
import {isReadOnly} from './read-only.js';
import {InputError} from '../core/errors.js';
import type {Workspace} from './store.js';

/** Records the inputs of a run. Written first and removed first: without it nothing is resumed. */
const noteName = 'resolved-key';

/** In a folder that stays until its stage runs again, or until `store gc`, though the stage has succeeded. */
const requestName = 'kept-on-request';

/** What a later run resumes from: the folder, or an executor's note of where the content is. */
const resumedNames: readonly string[] = [noteName, 'build', keptVolumeNote];

/** The folder that keeps the files of the last run of a stage that has ended without success. */
export function keptPath({work}: StoreLayout, key: string): string {
  return path.join(work, key);
}

/** Whether somebody asked to keep the files of a run that succeeded. */
export function isKeptOnRequest(kept: string): Promise<boolean> {
  return isThere(path.join(kept, requestName));
}

/** The stage key of a folder in `work`, and whether it is that of one run, with its owner in the name. */
export function parseWorkName(name: string): {readonly key: string; readonly isRun: boolean} {
  const [key = '', ...owner] = name.split('.');
  return {key, isRun: owner.length > 0};
}

/**
 * Makes the folder of a run, for the owner of the lock of its stage. With `resume`, the `build` of an earlier run with
 * the same resolved key is kept; with other inputs, such as a compiler with different bytes, the run starts over.
 */
export async function openWorkspace(
  layout: StoreLayout,
  key: StageKey,
  resume?: ResolvedKey,
): Promise<Workspace> {
  const kept = keptPath(layout, key);
  const names = await readdir(layout.work).catch((error: unknown) => {
    if (!isReadOnly(error)) throw error;
    throw new InputError([
      `--store: ${layout.work} belongs to another user, so no stage can run in this store: only what is in it can be used.\n` +
        'Name a store of your own with --store or AMPOULE_STORE.',
    ]);
  });
  for (const name of names) {
    if (name.startsWith(`${key}.`)) await keepIfDead(layout, name).catch(() => undefined);
  }
  const owner = await ownerName(layout.owners);
  const directory = `${kept}.${owner}-${randomBytes(4).toString('hex')}`;
  const isResumed =
    resume !== undefined && (await readIfThere(path.join(kept, noteName))) === resume;
  if (isResumed) {
    await rename(kept, directory);
    for (const name of await readdir(directory)) {
      if (!resumedNames.includes(name)) await removeTree(path.join(directory, name));
    }
  } else {
    // Another user's files may stay: this run has a folder of its own.
    await removeWork(kept).catch(() => undefined);
    await mkdir(directory);
    if (resume !== undefined) await writeFile(path.join(directory, noteName), resume);
  }
  return {
    path: directory,
    keptPath: kept,
    isResumed,
    keep: async (why) => {
      if (why === 'on request') await writeFile(path.join(directory, requestName), '');
      await keepWork(directory, kept);
    },
    remove: () => removeWork(directory),
  };
}

/** Keeps the folder of a run whose builder was killed, for the owner of the lock of its stage. */
export async function keepIfDead(layout: StoreLayout, name: string): Promise<void> {
  const life = await ownerOfName(name, layout.owners);
  // What a stopped builder started goes on writing.
  if (life !== 'dead' && life !== 'elsewhere') return;
  await keepWork(path.join(layout.work, name), keptPath(layout, parseWorkName(name).key));
}

/** Removes a folder of `work`. */
export async function removeWork(directory: string): Promise<void> {
  await rm(path.join(directory, noteName), {force: true});
  await removeTree(directory);
}

async function keepWork(directory: string, kept: string): Promise<void> {
  await removeWork(kept);
  await rename(directory, kept);
}
