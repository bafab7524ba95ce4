import {constants} from 'node:fs';
import {access, cp, lstat, mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {StageKey} from '../core/digest.js';
import type {StoreLayout} from './layout.js';
import {tryOwnerLock} from './owner-lock.js';

/**
 * Copies `build` and `out` of a failed or interrupted run into `destination`, without changing the originals.
 * @returns false if nothing is kept, or if the stage is running.
 */
export async function copyKeptFiles(
  layout: StoreLayout,
  key: StageKey,
  destination: string,
): Promise<boolean> {
  const kept = path.join(layout.work, key);
  const isThere = await access(path.join(kept, 'build')).then(
    () => true,
    () => false,
  );
  if (!isThere) return false;
  await using owner = await tryOwnerLock(path.join(layout.locks, key));
  if (owner === undefined) return false;
  await mkdir(destination, {recursive: true});
  for (const name of ['build', 'out']) {
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
