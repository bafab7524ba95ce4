import {lchown, readdir} from 'node:fs/promises';
import path from 'node:path';

/** Changes the owner of a tree. */
export async function giveTree(
  folder: string,
  owner: {readonly uid: number; readonly gid: number},
): Promise<void> {
  await lchown(folder, owner.uid, owner.gid);
  for (const entry of await readdir(folder, {withFileTypes: true})) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory()) await giveTree(inside, owner);
    else await lchown(inside, owner.uid, owner.gid);
  }
}
