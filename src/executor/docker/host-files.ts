import {chmod, lchown, readdir, stat} from 'node:fs/promises';
import path from 'node:path';

/** Lets everybody read a tree: the sandbox's user may be another than this process's, which may hide its files. */
export async function makeReadable(folder: string, files: 'with files' | 'folders'): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, {withFileTypes: true})) {
    const inside = path.join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(inside, files);
    else if (files === 'with files' && entry.isFile()) {
      const {mode} = await stat(inside);
      if ((mode & 0o044) !== 0o044) await chmod(inside, mode | 0o444);
    }
  }
}

/** Gives a tree to a user. */
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
