import {constants} from 'node:fs';
import {access, cp, lstat, mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {StageKey} from '../core/digest.js';
import type {StoreLayout} from './layout.js';
import {tryOwnerLock} from './owner-lock.js';

/**
 * Copies what a run of a stage that did not end well left in `build` and `out` into `destination`. The files themselves
 * stay as they are.
 * @returns false when nothing is kept, or when the stage runs right now.
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
      // make judges by them what is out of date.
      preserveTimestamps: true,
      verbatimSymlinks: true,
      mode: constants.COPYFILE_FICLONE,
      filter: isCopyable,
    });
  }
  return true;
}

/** Sockets and pipes, which nobody listens to any more, cannot be copied. */
async function isCopyable(file: string): Promise<boolean> {
  const stats = await lstat(file);
  return stats.isFile() || stats.isDirectory() || stats.isSymbolicLink();
}
