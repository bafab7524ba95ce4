import {copyFile, link, lstat, mkdir, readdir, readlink, symlink} from 'node:fs/promises';
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

/**
 * Makes `target` the union of the trees, with hard links if possible. The result must not be modified, because its
 * files belong to the artifacts.
 * @throws MountConflictError when two trees contain the same path, unless both are directories.
 */
export async function mergeTrees(
  target: string,
  trees: readonly string[],
  guestPath: string,
): Promise<void> {
  const owners = new Map<string, string>();
  await mkdir(target, {recursive: true});
  for (const tree of trees) await mergeInto(target, tree, '', {owners, guestPath});
}

async function mergeInto(
  target: string,
  tree: string,
  relative: string,
  merge: {readonly owners: Map<string, string>; readonly guestPath: string},
): Promise<void> {
  for (const entry of await readdir(path.join(tree, relative), {withFileTypes: true})) {
    const name = path.join(relative, entry.name);
    const destination = path.join(target, name);
    const isTaken = await lstat(destination).then(
      (stats) => !(stats.isDirectory() && entry.isDirectory()),
      () => false,
    );
    if (isTaken) {
      throw new MountConflictError(name, merge.guestPath, [merge.owners.get(name) ?? '?', tree]);
    }
    merge.owners.set(name, tree);
    if (entry.isDirectory()) {
      await mkdir(destination, {recursive: true});
      await mergeInto(target, tree, name, merge);
    } else if (entry.isSymbolicLink()) {
      await symlink(await readlink(path.join(tree, name)), destination);
    } else {
      await linkOrCopy(path.join(tree, name), destination);
    }
  }
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
