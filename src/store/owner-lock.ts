import {randomUUID} from 'node:crypto';
import {link, readFile, rename, rm, writeFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {sha256} from '../core/digest.js';
import {livingOwner, livingOwnerOf, ownerName, ownerText, type Owner} from './owner.js';

/** A short piece of work is waited for by the millisecond, a long one without haste. */
const pollMs = {first: 5, last: 200} as const;

/**
 * Takes the lock file at `lockPath`: waits while its owner lives, takes over at once from a dead one.
 * Works between processes that see the same /proc.
 * @param onWait told once, with the owner's process id, when there is somebody to wait for.
 * @throws the signal's reason when `signal` aborts while waiting.
 */
export async function acquireOwnerLock(
  lockPath: string,
  signal: AbortSignal,
  onWait: (pid: number) => void = () => undefined,
): Promise<AsyncDisposable> {
  for (let delayMs: number = pollMs.first; ; delayMs = Math.min(2 * delayMs, pollMs.last)) {
    const taken = await takeLock(lockPath, signal);
    if (taken.lock !== undefined) return taken.lock;
    if (delayMs === pollMs.first) onWait(taken.owner.pid);
    await sleep(delayMs, undefined, {signal}).catch(() => undefined);
  }
}

/** Takes the lock file at `lockPath` if nobody who lives holds it; else `undefined`, at once. */
export async function tryOwnerLock(lockPath: string): Promise<AsyncDisposable | undefined> {
  return (await takeLock(lockPath, new AbortController().signal)).lock;
}

type Taking = {readonly lock: AsyncDisposable} | {readonly lock?: undefined; readonly owner: Owner};

/** Takes the lock, or tells who holds it. */
async function takeLock(lockPath: string, signal: AbortSignal): Promise<Taking> {
  const mine = `${lockPath}.${await ownerName()}-${randomUUID()}`;
  const text = await ownerText();
  const lock = {[Symbol.asyncDispose]: () => rm(lockPath, {force: true})};
  try {
    await writeFile(mine, text);
    while (!(await tryLink(mine, lockPath))) {
      signal.throwIfAborted();
      const held = await readFile(lockPath, 'utf8').catch(() => undefined);
      if (held === undefined) continue;
      const owner = await livingOwnerOf(held);
      if (owner !== undefined) return {owner};
      if (await takeOver(lockPath, held, text)) break;
    }
    return {lock};
  } finally {
    await rm(mine, {force: true});
  }
}

/**
 * Replaces a dead owner's lock. The marker is named after that owner, so of several waiters one wins; it looks at the
 * lock again because an earlier winner may have finished between our reading and our marker.
 */
async function takeOver(lockPath: string, dead: string, mine: string): Promise<boolean> {
  const marker = `${lockPath}.takeover-${sha256(dead).slice(0, 16)}`;
  const replacement = `${lockPath}.${await ownerName()}-${randomUUID()}`;
  try {
    await writeFile(replacement, mine);
    if (!(await tryLink(replacement, marker))) {
      const other = await readFile(marker, 'utf8').catch(() => undefined);
      if (other !== undefined && (await livingOwner(other)) === undefined) {
        await rm(marker, {force: true});
      }
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
