import {lstat, mkdtemp, readdir, rename} from 'node:fs/promises';
import path from 'node:path';
import {removeTree} from '../files/remove-tree.js';
import {leftNotice} from './clear-leftovers.js';
import type {DiskStore} from './disk-store.js';
import {findGarbage, type Garbage, type MissingCheckouts} from './find-garbage.js';
import type {StoreLayout} from './layout.js';
import {ownerName} from './owner.js';
import {tryOwnerLock} from './owner-lock.js';

/** Something that was or would be removed. */
export interface SweptThing extends Garbage {
  /** Its disk usage. */
  readonly sizeBytes: number;
}

/** Is told of what could not be removed, a line each. */
export type OnLeft = (message: string) => void;

/** Settings of a sweep. */
export interface SweepOptions extends MissingCheckouts {
  readonly onLeft?: OnLeft;
}

/** Whether to remove, or only to list. */
export type SweepMode = 'remove' | 'tell';

/**
 * Removes everything that is unreachable from marks. Builders may run at the same time: they wait only while things are
 * renamed, not for their removal.
 * @throws NoMarksError when the store has no marks.
 */
export async function sweep(
  store: DiskStore,
  mode: SweepMode,
  {onLeft, ...missing}: SweepOptions = {},
): Promise<readonly SweptThing[]> {
  if (mode === 'tell') {
    return measure(await store.withoutSweep(() => findGarbage(store.layout, missing)));
  }
  return moveAsideAndRemove(store, () => findGarbage(store.layout, missing), onLeft);
}

/** Removes the things that `choose` returns. It is called while no other sweep can run. */
export async function moveAsideAndRemove(
  store: DiskStore,
  choose: () => Promise<readonly Garbage[]>,
  onLeft: OnLeft = () => undefined,
): Promise<readonly SweptThing[]> {
  const trash = await mkdtemp(
    path.join(store.temporaryPath, `${await ownerName(store.layout.owners)}-sweep-`),
  );
  try {
    const moved = await store.withoutSweep(async (lock) => {
      const things: Garbage[] = [];
      for (const thing of await choose()) {
        // Another builder may use by now what was garbage when this process was stopped.
        if (!(await lock.isHeld())) break;
        try {
          const aside = await moveAside(store.layout, thing, {trash, index: things.length});
          if (aside !== undefined) things.push(aside);
        } catch (error) {
          onLeft(leftNotice(`${thing.kind} ${thing.name}`, error));
        }
      }
      return things;
    });
    return await measure(moved);
  } finally {
    await removeTree(trash).catch((error: unknown) => onLeft(leftNotice(trash, error)));
  }
}

/** Moves a thing into the trash atomically; `undefined` if it is in use. */
async function moveAside(
  {owners}: StoreLayout,
  thing: Garbage,
  {trash, index}: {readonly trash: string; readonly index: number},
): Promise<Garbage | undefined> {
  // A dead owner's lock is taken over and released, which removes it.
  await using owner =
    thing.lock === undefined ? undefined : await tryOwnerLock({path: thing.lock, owners});
  if (thing.lock !== undefined && owner === undefined) return undefined;
  const paths: string[] = [];
  for (const [part, file] of thing.paths.entries()) {
    const aside = path.join(trash, `${index}-${part}`);
    try {
      await rename(file, aside);
    } catch (error) {
      // Another process removed it first, or it never existed.
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

/** The disk usage of a tree in bytes. Hard links are counted once. */
async function diskUse(file: string, seen: Set<string>): Promise<number> {
  const stats = await lstat(file).catch(() => undefined);
  if (stats === undefined) return 0;
  const id = `${stats.dev}:${stats.ino}`;
  if (seen.has(id)) return 0;
  seen.add(id);
  let total = stats.blocks * 512;
  if (stats.isDirectory()) {
    const names = await readdir(file).catch(() => []);
    for (const name of names) total += await diskUse(path.join(file, name), seen);
  }
  return total;
}
