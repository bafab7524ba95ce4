import {lchown, readdir} from 'node:fs/promises';
import path from 'node:path';
import {isMisread, longestPath, longPath, misreadName} from '../../core/output-error.js';

/**
 * Changes the owner of a tree.
 * @throws StageOutputError if that is impossible because of a name or the length of a path.
 */
export async function giveTree(
  folder: string,
  owner: {readonly uid: number; readonly gid: number},
): Promise<void> {
  await giveAll(folder, '', owner);
}

async function giveAll(
  root: string,
  relative: string,
  owner: {readonly uid: number; readonly gid: number},
): Promise<void> {
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
