import {mkdir, stat} from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a folder and the missing ones above it. Node's own `recursive` never ends where a folder is missing and its parent
 * is there, as below /proc.
 * @throws the system's error if a folder cannot be made.
 */
export async function makeFolders(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    const parent = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    await makeFolders(parent);
    await makeFolder(folder);
  }
}

/** Makes a folder unless it is there. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!(await isFolder(folder))) throw error;
  }
}

function isFolder(hostPath: string): Promise<boolean> {
  return stat(hostPath).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
