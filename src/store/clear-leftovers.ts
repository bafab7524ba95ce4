import {access, readdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {readIfThere, type StoreLayout} from './layout.js';
import {livingOwner, ownerOfName} from './owner.js';
import {lockIn, tryOwnerLock} from './owner-lock.js';
import {deadRunningMarks} from './plan-marks.js';
import {keepIfDead, keptPath, parseWorkName, removeWork} from './workspace.js';

/**
 * Removes leftovers of dead builders that later builds would not notice: temporary files, locks, marks, and scratch
 * files of published stages. Cheap, because it reads almost empty folders; every build starts with it. Keeps the
 * scratch files of unpublished stages, which `ampoule shell` shows and the next run removes.
 */
export async function clearLeftovers(layout: StoreLayout): Promise<void> {
  await Promise.all([
    clearEach(
      layout.tmp,
      () => true,
      (file) => clearByName(layout, file),
    ),
    clearEach(
      layout.locks,
      (name) => !name.includes('.'),
      (file) => clearLock(layout, file),
    ),
    clearEach(
      layout.locks,
      (name) => name.includes('.'),
      (file) => clearLockPart(layout, file),
    ),
    clearEach(
      layout.sources,
      (name) => name.endsWith('.lock'),
      (file) => clearLock(layout, file),
    ),
    clearEach(
      layout.sources,
      (name) => name.includes('.lock.'),
      (file) => clearLockPart(layout, file),
    ),
    deadRunningMarks(layout).then((marks) => Promise.all(marks.map(remove))),
  ]);
  await clearEach(
    layout.work,
    () => true,
    (folder) => clearWork(layout, folder),
  );
  // Last: it shows others that what was removed above is of a dead builder.
  await clearEach(
    layout.owners,
    () => true,
    (file) => clearByName(layout, file),
  );
}

/** The name of a temporary file in a folder outside the store; see `clearOutput`. */
export function outputTemporary(owner: string, fileName: string): string {
  return `${outputPrefix}${owner}-${fileName}`;
}

/** Removes temporary files of dead builders of this machine from a folder of archives. */
export async function clearOutput(folder: string): Promise<void> {
  await clearEach(
    folder,
    (name) => name.startsWith(outputPrefix),
    async (file) => {
      // Other machines may write to the folder too.
      if ((await ownerOfName(path.basename(file))) === 'dead') await remove(file);
    },
  );
}

const outputPrefix = '.ampoule.';

async function clearEach(
  folder: string,
  isMeant: (name: string) => boolean,
  clear: (file: string) => Promise<void>,
): Promise<void> {
  const names = (await readdir(folder)).filter(isMeant);
  await Promise.all(names.map((name) => clear(path.join(folder, name))));
}

async function clearByName({owners}: StoreLayout, file: string): Promise<void> {
  const owner = await ownerOfName(path.basename(file), owners);
  if (owner === 'dead' || owner === 'elsewhere') await remove(file);
}

/** Takes over a dead owner's lock and releases it, which removes it. */
async function clearLock({owners}: StoreLayout, file: string): Promise<void> {
  const text = await readIfThere(file);
  if (text === undefined || (await livingOwner(text, owners)) !== undefined) return;
  await using _owner = await tryOwnerLock({path: file, owners});
}

/** One of the files of a lock. A takeover marker has its owner inside, others in the name. */
async function clearLockPart(layout: StoreLayout, file: string): Promise<void> {
  if ((await ownerOfName(path.basename(file))) !== undefined) return clearByName(layout, file);
  const text = await readIfThere(file);
  if (text === undefined) return;
  if ((await livingOwner(text, layout.owners)) === undefined) await remove(file);
}

async function clearWork(layout: StoreLayout, folder: string): Promise<void> {
  const name = path.basename(folder);
  const {key, isRun} = parseWorkName(name);
  const isPublished = await access(path.join(layout.records['stage-key'], `${key}.json`)).then(
    () => true,
    () => false,
  );
  if (!isPublished && !isRun) return;
  await using owner = await tryOwnerLock(lockIn(layout, key));
  if (owner === undefined) return;
  if (isRun) await keepIfDead(layout, name);
  if (isPublished) await removeWork(keptPath(layout, key));
}

async function remove(file: string): Promise<void> {
  await rm(file, {recursive: true, force: true});
}
