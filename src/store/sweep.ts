import {lstat, mkdtemp, readdir, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import type {DiskStore} from './disk-store.js';
import {findGarbage, type Garbage} from './find-garbage.js';
import {ownerName} from './owner.js';
import {tryOwnerLock} from './owner-lock.js';

/** Something that was removed, or would be. */
export interface SweptThing extends Garbage {
  /** What it takes of the disk. */
  readonly sizeBytes: number;
}

/** Whether to remove, or to tell only. */
export type SweepMode = 'remove' | 'tell';

/**
 * Removes from a store what no mark leads to. Builders may go on meanwhile: they wait for the moment in which things
 * are moved aside, not for their removal.
 * @throws NoMarksError when nothing tells what is needed.
 */
export async function sweep(store: DiskStore, mode: SweepMode): Promise<readonly SweptThing[]> {
  if (mode === 'tell') {
    return measure(await store.withoutSweep(() => findGarbage(store.layout)));
  }
  return moveAsideAndRemove(store, () => findGarbage(store.layout));
}

/** Removes the things that `choose` names, which is called while nothing else is swept. */
export async function moveAsideAndRemove(
  store: DiskStore,
  choose: () => Promise<readonly Garbage[]>,
): Promise<readonly SweptThing[]> {
  const trash = await mkdtemp(path.join(store.temporaryPath, `${await ownerName()}-sweep-`));
  try {
    const moved = await store.withoutSweep(async () => {
      const things: Garbage[] = [];
      for (const thing of await choose()) {
        const aside = await moveAside(thing, trash, things.length);
        if (aside !== undefined) things.push(aside);
      }
      return things;
    });
    return await measure(moved);
  } finally {
    await rm(trash, {recursive: true, force: true});
  }
}

/** Moves a thing into the trash, where renaming is one step; `undefined` when somebody uses it after all. */
async function moveAside(
  thing: Garbage,
  trash: string,
  index: number,
): Promise<Garbage | undefined> {
  // A lock of a dead owner is taken over and given back, which removes it.
  await using owner = thing.lock === undefined ? undefined : await tryOwnerLock(thing.lock);
  if (thing.lock !== undefined && owner === undefined) return undefined;
  const paths: string[] = [];
  for (const [part, file] of thing.paths.entries()) {
    const aside = path.join(trash, `${index}-${part}`);
    try {
      await rename(file, aside);
    } catch (error) {
      // Another one was faster, or there never was such a file.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      continue;
    }
    paths.push(aside);
  }
  return {...thing, paths};
}

async function measure(things: readonly Garbage[]): Promise<readonly SweptThing[]> {
  const seen = new Set<string>();
  const measured: SweptThing[] = [];
  for (const thing of things) {
    let sizeBytes = 0;
    for (const file of thing.paths) sizeBytes += await diskUse(file, seen);
    measured.push({...thing, sizeBytes});
  }
  return measured;
}

/** Bytes that a tree takes of the disk. A file with several names is counted once. */
async function diskUse(file: string, seen: Set<string>): Promise<number> {
  const stats = await lstat(file).catch(() => undefined);
  if (stats === undefined) return 0;
  const id = `${stats.dev}:${stats.ino}`;
  if (seen.has(id)) return 0;
  seen.add(id);
  let total = stats.blocks * 512;
  if (stats.isDirectory()) {
    for (const name of await readdir(file)) total += await diskUse(path.join(file, name), seen);
  }
  return total;
}
