import path from 'node:path';
import {messageOf} from '../core/errors.js';
import {isThere} from '../files/is-there.js';
import {removeTree} from '../files/remove-tree.js';
import {namesIn, readIfThere, type StoreLayout} from './layout.js';
import {livingOwner, ownerOfName} from './owner.js';
import {lockIn, tryOwnerLock} from './owner-lock.js';
import {deadRunningMarks} from './plan-marks.js';
import {isKeptOnRequest, keepIfDead, keptPath, parseWorkName, removeWork} from './workspace.js';

/**
 * Removes leftovers of dead builders that later builds would not notice: temporary files, locks, marks, and scratch
 * files of published stages. Cheap, because it reads almost empty folders; every build starts with it. Keeps the
 * scratch files of unpublished stages, which `ampoule shell` shows and the next run removes.
 * @returns a line for each thing that could not be removed, which is no reason not to build.
 */
export async function clearLeftovers(layout: StoreLayout): Promise<readonly string[]> {
  const {locks, owners, sources, tmp, work} = layout;
  const isPart = (name: string): boolean => name.includes('.');
  const any = (): boolean => true;
  const byName = (file: string) => clearByName(layout, file);
  const lock = (file: string) => clearLock(layout, file);
  const lockPart = (file: string) => clearLockPart(layout, file);
  const problems = await Promise.all([
    clearEach(tmp, any, byName),
    clearEach(locks, (name) => !isPart(name), lock),
    clearEach(locks, isPart, lockPart),
    clearEach(sources, (name) => name.endsWith('.lock'), lock),
    clearEach(sources, (name) => name.includes('.lock.'), lockPart),
    deadRunningMarks(layout).then((marks) => clearAll(marks, removeTree)),
  ]);
  problems.push(await clearEach(work, any, (folder) => clearWork(layout, folder)));
  // Last: it shows others that what was removed above is of a dead builder.
  if (problems.flat().length === 0) problems.push(await clearEach(owners, any, byName));
  return problems.flat();
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
      if ((await ownerOfName(path.basename(file))) === 'dead') await removeTree(file);
    },
  );
}

/** Reports something that is not needed and could not be removed. */
export function leftNotice(what: string, error: unknown): string {
  const reason = messageOf(error);
  return `left     ${what}: ${reason}`;
}

const outputPrefix = '.ampoule.';

async function clearEach(
  folder: string,
  isMeant: (name: string) => boolean,
  clear: (file: string) => Promise<void>,
): Promise<readonly string[]> {
  const names = (await namesIn(folder)).filter(isMeant);
  return clearAll(
    names.map((name) => path.join(folder, name)),
    clear,
  );
}

async function clearAll(
  files: readonly string[],
  clear: (file: string) => Promise<void>,
): Promise<readonly string[]> {
  const problems = files.map((file) =>
    clear(file).then(
      () => [],
      (error: unknown) => [leftNotice(file, error)],
    ),
  );
  return (await Promise.all(problems)).flat();
}

async function clearByName({owners}: StoreLayout, file: string): Promise<void> {
  const owner = await ownerOfName(path.basename(file), owners);
  if (owner === 'dead' || owner === 'elsewhere') await removeTree(file);
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
  if ((await livingOwner(text, layout.owners)) === undefined) await removeTree(file);
}

async function clearWork(layout: StoreLayout, folder: string): Promise<void> {
  const name = path.basename(folder);
  const {key, isRun} = parseWorkName(name);
  const isPublished = await isThere(path.join(layout.records['stage-key'], `${key}.json`));
  if (!isPublished && !isRun) return;
  await using owner = await tryOwnerLock(lockIn(layout, key));
  if (owner === undefined) return;
  if (isRun) await keepIfDead(layout, name);
  const kept = keptPath(layout, key);
  if (isPublished && !(await isKeptOnRequest(kept))) await removeWork(kept);
}
