import {access, readdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {readIfThere, type StoreLayout} from './layout.js';
import {livingOwner, ownerOfName} from './owner.js';
import {tryOwnerLock} from './owner-lock.js';
import {deadRunningMarks} from './plan-marks.js';

/**
 * Removes leftovers of dead builders that later builds would not notice: temporary files, locks, marks, and scratch
 * files of published stages. Cheap, because it reads almost empty folders; every build starts with it. Keeps the
 * scratch files of unpublished stages, which `ampoule shell` shows and the next run removes.
 */
export async function clearLeftovers(layout: StoreLayout): Promise<void> {
  await Promise.all([
    clearEach(layout.tmp, () => true, clearByName),
    clearEach(layout.locks, (name) => !name.includes('.'), clearLock),
    clearEach(layout.locks, (name) => name.includes('.'), clearLockPart),
    clearEach(layout.sources, (name) => name.endsWith('.lock'), clearLock),
    clearEach(layout.sources, (name) => name.includes('.lock.'), clearLockPart),
    deadRunningMarks(layout).then((marks) => Promise.all(marks.map(remove))),
  ]);
  await clearEach(
    layout.work,
    () => true,
    (folder) => clearWork(layout, folder),
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

async function clearByName(file: string): Promise<void> {
  const owner = await ownerOfName(path.basename(file));
  if (owner === 'dead' || owner === 'elsewhere') await remove(file);
}

/** Takes over a dead owner's lock and releases it, which removes it. */
async function clearLock(file: string): Promise<void> {
  const text = await readIfThere(file);
  if (text === undefined || (await livingOwner(text)) !== undefined) return;
  await using _owner = await tryOwnerLock(file);
}

/** One of the files of a lock. A takeover marker has its owner inside, others in the name. */
async function clearLockPart(file: string): Promise<void> {
  if ((await ownerOfName(path.basename(file))) !== undefined) return clearByName(file);
  const text = await readIfThere(file);
  if (text !== undefined && (await livingOwner(text)) === undefined) await remove(file);
}

async function clearWork(layout: StoreLayout, folder: string): Promise<void> {
  const key = path.basename(folder);
  const isPublished = await access(path.join(layout.records['stage-key'], `${key}.json`)).then(
    () => true,
    () => false,
  );
  if (!isPublished) return;
  await using owner = await tryOwnerLock(path.join(layout.locks, key));
  if (owner !== undefined) await remove(folder);
}

async function remove(file: string): Promise<void> {
  await rm(file, {recursive: true, force: true});
}
