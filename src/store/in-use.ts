import {stat} from 'node:fs/promises';
import path from 'node:path';
import {readIfThere, type StoreLayout} from './layout.js';
import {livingOwner, ownerOfName} from './owner.js';

/** The time after which files without an owner and incomplete files count as garbage. */
const graceMs = {unnamed: 24 * 3600_000, halfWritten: 60_000} as const;

/** Whether the process in a name lives, as far as known. */
export async function isInUse(layout: StoreLayout, file: string): Promise<boolean> {
  const life = await ownerOfName(path.basename(file), layout.owners);
  return life === undefined
    ? !(await isOlder(file, graceMs.unnamed))
    : life === 'living' || life === 'unknown';
}

/** Whether a file of a lock is left over: its owner is dead and it is not being written. */
export async function isForgotten(layout: StoreLayout, file: string): Promise<boolean> {
  const isNamed = (await ownerOfName(path.basename(file))) !== undefined;
  if (isNamed) return !(await isInUse(layout, file));
  return !(await hasLivingOwner(layout, file)) && (await isOlder(file, graceMs.halfWritten));
}

/** Whether the owner that a file names may live. */
export async function hasLivingOwner({owners}: StoreLayout, file: string): Promise<boolean> {
  return (await livingOwner((await readIfThere(file)) ?? '', owners)) !== undefined;
}

async function isOlder(file: string, milliseconds: number): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  return stats !== undefined && Date.now() - stats.mtimeMs > milliseconds;
}
