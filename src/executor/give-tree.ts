import {lchown, readdir} from 'node:fs/promises';
import path from 'node:path';
import {isMisread, longestPath, longPath, misreadName} from '../core/output-error.js';

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
 * Changes the owner of a tree.
 * @throws StageOutputError if that is impossible because of a name or the length of a path.
 */
export async function giveTree(folder: string, owner: TreeOwner): Promise<void> {
  await giveAll(folder, '', owner);
}

async function giveAll(root: string, relative: string, owner: TreeOwner): Promise<void> {
  if (Buffer.byteLength(relative) > longestPath) throw longPath(relative);
  const folder = path.join(root, relative);
  await lchown(folder, owner.uid, owner.gid);
  for (const entry of await readdir(folder, {withFileTypes: true})) {
    const inside = path.join(relative, entry.name);
    if (isMisread(entry.name)) throw misreadName(inside);
    if (entry.isDirectory()) await giveAll(root, inside, owner);
    else await lchown(path.join(root, inside), owner.uid, owner.gid);
  }
}
