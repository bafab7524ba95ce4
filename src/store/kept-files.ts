import {constants} from 'node:fs';
import {cp, lstat, mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {StageKey} from '../core/digest.js';
import {isThere} from '../files/is-there.js';
import type {StoreLayout} from './layout.js';
import {lockIn, tryOwnerLock} from './owner-lock.js';
import {keptPath} from './workspace.js';

/**
 * Copies `build` and `out` of a run whose files are kept into `destination`, without changing the originals.
 * @returns false if nothing is kept, or if the stage is running.
 */
export async function copyKeptFiles(
  layout: StoreLayout,
  key: StageKey,
  destination: string,
): Promise<boolean> {
  const kept = keptPath(layout, key);
  if (!(await isThere(path.join(kept, 'build')))) return false;
  await using owner = await tryOwnerLock(lockIn(layout, key));
  if (owner === undefined) return false;
  await mkdir(destination, {recursive: true});
  for (const name of ['build', 'out']) {
    // The output of a run that succeeded is in the store.
    if (!(await isThere(path.join(kept, name)))) continue;
    await cp(path.join(kept, name), path.join(destination, name), {
      recursive: true,
      // make decides by times what is out of date.
      preserveTimestamps: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: isCopyable,
    });
  }
  return true;
}

/** Sockets and pipes are useless now and cannot be copied. */
async function isCopyable(file: string): Promise<boolean> {
  const stats = await lstat(file);
  return stats.isFile() || stats.isDirectory() || stats.isSymbolicLink();
}
