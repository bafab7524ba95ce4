import {randomUUID} from 'node:crypto';
import {link, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {sha256} from '../core/digest.js';

const pollMs = 200;

/** Who holds a lock: a process of one boot, told apart from a later one of the same number by its start time. */
interface Owner {
  readonly bootId: string;
  readonly pid: number;
  readonly startTime: string;
}

/**
 * Takes the lock file at `lockPath`: waits while its owner lives, takes over at once from a dead one.
 * Works between processes that see the same /proc.
 * @throws the signal's reason when `signal` aborts while waiting.
 */
export async function acquireOwnerLock(
  lockPath: string,
  signal: AbortSignal,
): Promise<AsyncDisposable> {
  const mine = `${lockPath}.${randomUUID()}`;
  const text = JSON.stringify(await currentOwner());
  await writeFile(mine, text);
  try {
    while (!(await tryLink(mine, lockPath))) {
      signal.throwIfAborted();
      const held = await readFile(lockPath, 'utf8').catch(() => undefined);
      if (held === undefined) continue;
      if (await isAlive(held)) await sleep(pollMs, undefined, {signal}).catch(() => undefined);
      else if (await takeOver(lockPath, held, text)) break;
    }
  } finally {
    await rm(mine, {force: true});
  }
  return {[Symbol.asyncDispose]: () => rm(lockPath, {force: true})};
}

/**
 * Replaces a dead owner's lock. The marker is named after that owner, so of several waiters one wins; it looks at the
 * lock again because an earlier winner may have finished between our reading and our marker.
 */
async function takeOver(lockPath: string, dead: string, mine: string): Promise<boolean> {
  const marker = `${lockPath}.takeover-${sha256(dead).slice(0, 16)}`;
  const replacement = `${lockPath}.${randomUUID()}`;
  await writeFile(replacement, mine);
  try {
    if (!(await tryLink(replacement, marker))) {
      const other = await readFile(marker, 'utf8').catch(() => undefined);
      if (other !== undefined && !(await isAlive(other))) await rm(marker, {force: true});
      return false;
    }
    const held = await readFile(lockPath, 'utf8').catch(() => undefined);
    const isStillDead = held === dead;
    if (isStillDead) await rename(replacement, lockPath);
    await rm(marker, {force: true});
    return isStillDead;
  } finally {
    await rm(replacement, {force: true});
  }
}

async function tryLink(existing: string, target: string): Promise<boolean> {
  try {
    await link(existing, target);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function currentOwner(): Promise<Owner> {
  return {
    bootId: await bootId(),
    pid: process.pid,
    startTime: (await startTimeOf(process.pid)) ?? '',
  };
}

async function isAlive(ownerText: string): Promise<boolean> {
  let owner: Partial<Owner>;
  try {
    owner = JSON.parse(ownerText) as Partial<Owner>;
  } catch {
    return false;
  }
  if (owner.pid === undefined || owner.bootId !== (await bootId())) return false;
  return (await startTimeOf(owner.pid)) === owner.startTime;
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

/** Field 22 of /proc/<pid>/stat, counted after the command name, which may itself hold blanks and brackets. */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
