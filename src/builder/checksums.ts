import {chmod, readFile, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {compareCodeUnits, parseSha256, type Sha256} from '../core/digest.js';
import {InputError} from '../core/errors.js';
import {isThere} from '../files/is-there.js';
import {outputTemporary} from '../store/clear-leftovers.js';
import {ownerName} from '../store/owner.js';
import {acquireOwnerLock, noLock} from '../store/owner-lock.js';
import type {OwnerLock} from '../store/store.js';

/** The file with the checksums of the archives beside it, for `sha256sum --check`. */
export const checksumsName = 'SHA256SUMS';

/** The sha256 of files by their names. */
export type Checksums = ReadonlyMap<string, Sha256>;

/** The checksums that a folder has; what no `sha256sum` would understand is left out. */
export async function readChecksums(folder: string): Promise<Checksums> {
  return parseChecksums(await textIn(folder));
}

/**
 * Adds checksums to those of a folder. Lines of other files stay, lines of files that are gone do not. Several builders
 * may write to one folder.
 * @param mode of the file.
 */
export async function addChecksums(
  folder: string,
  added: Checksums,
  {mode, signal}: {readonly mode: number; readonly signal: AbortSignal},
): Promise<void> {
  const text = await textIn(folder);
  if (text === (await merged(folder, text, added))) return;
  const temporary = path.join(folder, outputTemporary(await ownerName(), checksumsName));
  for (;;) {
    await using lock = await lockChecksums(folder, signal);
    const present = await textIn(folder);
    try {
      await writeFile(temporary, await merged(folder, present, added));
      await chmod(temporary, mode);
      // Another builder may have written them while this process was stopped.
      if (!(await lock.isHeld())) continue;
      await rename(temporary, path.join(folder, checksumsName));
      return;
    } finally {
      await rm(temporary, {force: true});
    }
  }
}

async function textIn(folder: string): Promise<string> {
  return readFile(path.join(folder, checksumsName), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new InputError([
      `--output: ${path.join(folder, checksumsName)} has the checksums of the archives there, but cannot be read ` +
        `(${(error as Error).message}).\nMake it readable, or remove it.`,
    ]);
  });
}

async function merged(folder: string, text: string, added: Checksums): Promise<string> {
  const sums = new Map([...parseChecksums(text), ...added]);
  const lines: string[] = [];
  for (const [name, sum] of [...sums].sort(([left], [right]) => compareCodeUnits(left, right))) {
    if (await isThere(path.join(folder, name))) lines.push(`${sum}  ${name}\n`);
  }
  return lines.join('');
}

function parseChecksums(text: string): Checksums {
  const sums = new Map<string, Sha256>();
  for (const line of text.split('\n')) {
    const [, digits = '', name = ''] = /^([0-9a-f]{64}) [ *](.+)$/i.exec(line) ?? [];
    const sum = parseSha256(digits.toLowerCase());
    if (sum !== undefined) sums.set(name, sum);
  }
  return sums;
}

/** A folder of archives may be on a file system without hard links, which a lock needs: there, one builder at a time. */
async function lockChecksums(folder: string, signal: AbortSignal): Promise<OwnerLock> {
  const file = path.join(folder, `.ampoule.${checksumsName}.lock`);
  try {
    return await acquireOwnerLock({path: file}, signal);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') {
      throw error;
    }
    return noLock;
  }
}
