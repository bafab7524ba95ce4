import {readFile, realpath, stat} from 'node:fs/promises';
import path from 'node:path';
import {reservedFolderOf} from '../../executor/local/own-folders.js';

/** The folders outside of a checkout that git needs there. */
export interface GitFolders {
  /** Absolute, without links. */
  readonly folders: readonly string[];
  /** Why git cannot work in the sandbox, for the user. */
  readonly problem?: string;
}

/**
 * Finds where the repository of a checkout lies, if that is not in the checkout itself: `.git` of a worktree or a submodule
 * is a file that names its folder, and that folder may name another one that it shares with the main checkout.
 */
export async function gitFolders(tree: string): Promise<GitFolders> {
  const link = path.join(tree, '.git');
  const stats = await stat(link).catch(() => undefined);
  if (stats?.isFile() !== true) return {folders: []};
  const unusable = (reason: string): GitFolders => ({
    folders: [],
    problem: `git cannot be used in the shell: ${reason}`,
  });
  const named = /^gitdir: (.+)\n?$/.exec(await readFile(link, 'utf8'))?.[1];
  if (named === undefined) return unusable(`${link} does not name a folder`);
  try {
    const own = await realpath(path.resolve(tree, named));
    const shared = await readFile(path.join(own, 'commondir'), 'utf8').catch(() => '.');
    const common = await realpath(path.resolve(own, shared.trim()));
    const folders = own === common || own.startsWith(`${common}/`) ? [common] : [common, own];
    const hidden = folders.find((folder) => reservedFolderOf(folder) !== undefined);
    if (hidden === undefined) return {folders};
    return unusable(
      `${hidden} is part of the repository, but the sandbox has a ${reservedFolderOf(hidden) ?? ''} of its own`,
    );
  } catch (error) {
    return unusable((error as Error).message);
  }
}
