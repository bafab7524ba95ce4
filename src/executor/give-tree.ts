import {lchown, readdir} from 'node:fs/promises';
import path from 'node:path';

/** A user and its group, as the kernel knows them outside of any sandbox. */
export interface TreeOwner {
  readonly uid: number;
  readonly gid: number;
}

/** This process's own user and group. */
export function ownUser(): TreeOwner {
  return {uid: process.geteuid?.() ?? -1, gid: process.getegid?.() ?? -1};
}

/** Changes the owner of a tree. */
export async function giveTree(folder: string, owner: TreeOwner): Promise<void> {
  await lchown(folder, owner.uid, owner.gid);
  for (const entry of await readdir(folder, {withFileTypes: true})) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory()) await giveTree(inside, owner);
    else await lchown(inside, owner.uid, owner.gid);
  }
}
