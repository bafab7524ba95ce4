import {readFile, realpath, stat} from 'node:fs/promises';
import path from 'node:path';
import {reservedFolderOf} from '../../executor/local/own-folders.js';
import {gitFolderOf} from '../../files/git-folder.js';
import {isThere} from '../../files/is-there.js';

/** The folders outside of a checkout that git needs there. */
export interface GitFolders {
  /** Absolute, without links. */
  readonly folders: readonly string[];
  /** Why git cannot work in the sandbox, for the user. */
  readonly problem?: string;
}

/**
 * Finds where the repository of a checkout lies, if that is not in the checkout itself: `.git` of a worktree or a submodule
 * is a file that names its folder, and that folder may name another one that it shares with the main checkout. The folders
 * must be those of a repository that names this tree: a stranger's tree shall not get any folder of its reader's.
 */
export async function gitFolders(tree: string): Promise<GitFolders> {
  const link = path.join(tree, '.git');
  const stats = await stat(link).catch(() => undefined);
  if (stats?.isFile() !== true) return {folders: []};
  const unusable = (reason: string): GitFolders => ({
    folders: [],
    problem: `git cannot be used in the shell: ${reason}`,
  });
  const found = gitFolderOf(tree);
  if (found === undefined) return unusable(`${link} does not name a folder`);
  try {
    const own = await realpath(found.own);
    const common = await realpath(found.common);
    if (!(await isRepositoryOf(tree, own, common)))
      return unusable(`${link} names ${own}, which is no repository that has this tree`);
    const folders = [common];
    const hidden = folders.find((folder) => reservedFolderOf(folder) !== undefined);
    if (hidden === undefined) return {folders};
    return unusable(
      `${hidden} is part of the repository, but the sandbox has a ${reservedFolderOf(hidden) ?? ''} of its own`,
    );
  } catch (error) {
    return unusable((error as Error).message);
  }
}

/** Whether a repository has a tree as a worktree, or as that of a submodule. */
async function isRepositoryOf(tree: string, own: string, common: string): Promise<boolean> {
  const parts = [path.join(own, 'HEAD'), path.join(common, 'objects'), path.join(common, 'refs')];
  if (!(await Promise.all(parts.map(isThere))).every(Boolean)) return false;
  if (own === common) {
    const config = await readFile(path.join(own, 'config'), 'utf8');
    const worktree = /^\s*worktree\s*=\s*(.+?)\s*$/m.exec(config)?.[1];
    return worktree !== undefined && (await isSame(path.resolve(own, worktree), tree));
  }
  const back = (await readFile(path.join(own, 'gitdir'), 'utf8')).trim();
  const isPartOf = path.dirname(own) === path.join(common, 'worktrees');
  return isPartOf && (await isSame(path.resolve(own, back), path.join(tree, '.git')));
}

async function isSame(one: string, other: string): Promise<boolean> {
  return (await realpath(one)) === (await realpath(other));
}
