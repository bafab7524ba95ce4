import {randomUUID} from 'node:crypto';
import {constants} from 'node:fs';
import {
  chmod,
  lstat,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  unlink,
  type FileHandle,
} from 'node:fs/promises';

/** Opens a folder without any right to it. Node has no name for it. */
const openPath = 0o10000000;

/**
 * Removes a file, or a folder with everything in it: also folders without permissions, paths that are longer than the
 * system accepts, and names that are no UTF-8.
 * @throws the system's error if something cannot be removed, such as another user's file.
 */
export async function removeTree(target: string): Promise<void> {
  try {
    await rm(target, {recursive: true, force: true});
  } catch (error) {
    await removeStubborn(target).catch((own: unknown) => {
      throw explain(target, own, error);
    });
  }
}

/**
 * Flattens the tree: each folder is emptied into the top one. So no path is long, and few folders are open at once.
 * Node's own removal goes on for a while after its error, so anything may be gone in the meantime.
 */
async function removeStubborn(target: string): Promise<void> {
  const stats = await lstat(target).catch(ignoreMissing);
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    await unlink(target).catch(ignoreMissing);
    return;
  }
  {
    await using top = await openFolder(target);
    if (top === undefined) return;
    const folders = await removeFiles(top);
    for (let name = folders.pop(); name !== undefined; name = folders.pop()) {
      folders.push(...(await flatten(top, name)));
    }
  }
  await rmdir(target).catch(ignoreMissing);
}

/** Removes a folder of `top`, and moves the folders inside into `top`. Returns their names there. */
async function flatten(top: FileHandle, name: Buffer): Promise<readonly Buffer[]> {
  const moved: Buffer[] = [];
  {
    await using folder = await openFolder(inside(top, name));
    if (folder === undefined) return [];
    for (const inner of await removeFiles(folder)) {
      // A folder can only be moved by one who may write to it.
      await using opened = await openFolder(inside(folder, inner));
      if (opened === undefined) continue;
      const fresh = Buffer.from(randomUUID());
      await rename(inside(folder, inner), inside(top, fresh)).catch(ignoreMissing);
      moved.push(fresh);
    }
  }
  await rmdir(inside(top, name)).catch(ignoreMissing);
  return moved;
}

/** Removes everything but folders. Returns the names of these. */
async function removeFiles(folder: FileHandle): Promise<Buffer[]> {
  const folders: Buffer[] = [];
  for (const name of await readdir(pathOf(folder), {encoding: 'buffer'})) {
    const stats = await lstat(inside(folder, name)).catch(ignoreMissing);
    if (stats?.isDirectory() === true) folders.push(name);
    else if (stats !== undefined) await unlink(inside(folder, name)).catch(ignoreMissing);
  }
  return folders;
}

/** Opens a folder, never through a link, and gives its owner all permissions; `undefined` if it is gone. */
async function openFolder(folder: string | Buffer): Promise<FileHandle | undefined> {
  const flags = openPath | constants.O_DIRECTORY | constants.O_NOFOLLOW;
  const handle = await open(folder, flags).catch(ignoreMissing);
  if (handle === undefined) return undefined;
  try {
    await chmod(pathOf(handle), 0o700);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function pathOf(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`;
}

function inside(handle: FileHandle, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${pathOf(handle)}/`), name]);
}

/** For `catch`: that a file is not there is no error. */
export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** The paths of the system's errors are those of open folders, which say nothing. */
function explain(target: string, own: unknown, first: unknown): unknown {
  const {code, syscall} = own as NodeJS.ErrnoException;
  if (code === undefined) return own;
  const message = `${code}: ${target} cannot be removed`;
  return Object.assign(new Error(message, {cause: first}), {code, syscall, path: target});
}
