import type {Dirent} from 'node:fs';
import {copyFile, link, mkdir, readdir, readlink, symlink} from 'node:fs/promises';
import path from 'node:path';
import {BuildError} from '../core/errors.js';

/** Two artifacts that are mounted as one tree contain the same path. */
export class MountConflictError extends BuildError {
  override readonly name = 'MountConflictError';
  readonly code = 'E_MOUNT_CONFLICT';

  constructor(
    readonly relativePath: string,
    readonly guestPath: string,
    readonly artifacts: readonly [string, string],
  ) {
    super(
      `Two inputs install the same file ${path.posix.join(guestPath, relativePath)}\n` +
        `  one in ${artifacts[0]}\n  one in ${artifacts[1]}\n` +
        'Let only one of the two recipes install it.',
    );
  }
}

/** A folder that only one of several trees has: its path below them, and the tree. */
export interface SoleFolder {
  readonly relativePath: string;
  readonly tree: string;
}

/** How trees are merged. */
export interface MergeOptions {
  /** Where the result is mounted, for messages. */
  readonly guestPath: string;
  /** Called for each folder that only one tree has. It then stays empty, as the place of a mount. */
  readonly onSoleFolder?: (folder: SoleFolder) => void;
}

/**
 * Makes `target` the union of the trees, with hard links if possible. The result must not be modified, because its
 * files belong to the artifacts.
 * @throws MountConflictError when two trees contain the same path, unless both are directories.
 */
export async function mergeTrees(
  target: string,
  trees: readonly string[],
  options: MergeOptions,
): Promise<void> {
  await mergeFolder('', trees, {target, ...options});
}

async function mergeFolder(
  relative: string,
  trees: readonly string[],
  merge: MergeOptions & {readonly target: string},
): Promise<void> {
  await mkdir(path.join(merge.target, relative), {recursive: true});
  for (const [name, owners] of await entriesOf(relative, trees)) {
    const relativePath = path.join(relative, name);
    const [{entry, tree}, other] = owners;
    if (other !== undefined && !owners.every((owner) => owner.entry.isDirectory())) {
      throw new MountConflictError(relativePath, merge.guestPath, [tree, other.tree]);
    }
    const destination = path.join(merge.target, relativePath);
    if (entry.isDirectory() && other === undefined && merge.onSoleFolder !== undefined) {
      await mkdir(destination);
      merge.onSoleFolder({relativePath, tree});
    } else if (entry.isDirectory()) {
      const below = owners.map((owner) => owner.tree);
      await mergeFolder(relativePath, below, merge);
    } else if (entry.isSymbolicLink()) {
      await symlink(await readlink(path.join(tree, relativePath)), destination);
    } else {
      await linkOrCopy(path.join(tree, relativePath), destination);
    }
  }
}

interface Owner {
  readonly tree: string;
  readonly entry: Dirent;
}

/** What is in a folder that all of the trees have, by name: first the tree that comes first. */
async function entriesOf(
  relative: string,
  trees: readonly string[],
): Promise<ReadonlyMap<string, readonly [Owner, ...Owner[]]>> {
  const found = new Map<string, [Owner, ...Owner[]]>();
  for (const tree of trees) {
    for (const entry of await readdir(path.join(tree, relative), {withFileTypes: true})) {
      const owners = found.get(entry.name);
      if (owners === undefined) found.set(entry.name, [{tree, entry}]);
      else owners.push({tree, entry});
    }
  }
  return found;
}

/** Hard links the file, or copies it where links are not possible (another file system, too many links). */
export async function linkOrCopy(source: string, destination: string): Promise<void> {
  try {
    await link(source, destination);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EMLINK' && code !== 'EPERM') throw error;
    await copyFile(source, destination);
  }
}
