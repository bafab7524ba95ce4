import {readFileSync} from 'node:fs';
import path from 'node:path';

/** Where the repository of a checkout lies: absolute. */
export interface GitFolder {
  /** `.git`, or the folder that it names: in a worktree and in a submodule it is a file. */
  readonly own: string;
  /** The folder that has branches and objects: that of the main checkout, or the same. */
  readonly common: string;
}

/** Finds the repository of a checkout from its files, without git; `undefined` if `.git` is a file that names no folder. */
export function gitFolderOf(tree: string): GitFolder | undefined {
  const link = readIfFile(path.join(tree, '.git'));
  const named = link === undefined ? '.git' : /^gitdir: (.+)\n?$/.exec(link)?.[1];
  if (named === undefined) return undefined;
  const own = path.resolve(tree, named);
  const shared = readIfFile(path.join(own, 'commondir'))?.trim() ?? '.';
  return {own, common: path.resolve(own, shared)};
}

function readIfFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
