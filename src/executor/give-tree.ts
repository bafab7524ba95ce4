import {lchown, lstat, readdir} from 'node:fs/promises';
import {longestPath, longPath} from '../core/output-error.js';

/** A user and its group, as the kernel knows them outside of any sandbox. */
export interface TreeOwner {
  readonly uid: number;
  readonly gid: number;
}

/** This process's own user and group. */
export function ownUser(): TreeOwner {
  return {uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1};
}

/**
 * Changes the owner of a tree, whatever its names are.
 * @throws StageOutputError if a path is too long.
 */
export async function giveTree(folder: string, {uid, gid}: TreeOwner): Promise<void> {
  const root = Buffer.from(folder);
  const give = async (directory: Buffer): Promise<void> => {
    const length = directory.length - root.length;
    if (length > longestPath) throw longPath(directory.subarray(root.length + 1).toString());
    await lchown(directory, uid, gid);
    for (const name of await readdir(directory, {encoding: 'buffer'})) {
      const inside = Buffer.concat([directory, Buffer.from('/'), name]);
      if ((await lstat(inside)).isDirectory()) await give(inside);
      else await lchown(inside, uid, gid);
    }
  };
  await give(root);
}
