import {chmod, readdir, rm} from 'node:fs/promises';
import path from 'node:path';

/** Removes a folder with everything in it, including folders without read or search permission. */
export async function removeTree(folder: string): Promise<void> {
  try {
    await rm(folder, {recursive: true, force: true, maxRetries: 3});
  } catch {
    await openFolders(folder);
    await rm(folder, {recursive: true, force: true, maxRetries: 3});
  }
}

async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, {withFileTypes: true})) {
    if (entry.isDirectory()) await openFolders(path.join(folder, entry.name));
  }
}
