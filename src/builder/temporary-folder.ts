import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import {removeTree} from '../files/remove-tree.js';
import type {DiskStore} from '../store/disk-store.js';
import {ownerName} from '../store/owner.js';

/** An empty folder, removed when it is disposed of. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes a temporary folder in a store. If this process dies, the next build removes it.
 * @param purpose a part of its name: `shell`.
 */
export async function openTemporaryFolder(
  {layout, temporaryPath}: Pick<DiskStore, 'layout' | 'temporaryPath'>,
  purpose: string,
): Promise<TemporaryFolder> {
  const prefix = `${await ownerName(layout.owners)}-${purpose}-`;
  const folder = await mkdtemp(path.join(temporaryPath, prefix));
  return {path: folder, [Symbol.asyncDispose]: () => removeTree(folder)};
}
