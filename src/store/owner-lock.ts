import {randomUUID} from 'node:crypto';
import {link, readFile, rename, rm, stat, utimes, writeFile} from 'node:fs/promises';
import {setTimeout as sleep} from 'node:timers/promises';
import {sha256} from '../core/digest.js';
import {isHidden, livingOwner, livingOwnerOf, ownerName, ownerText, type Owner} from './owner.js';
import type {LockOwner} from './store.js';

/** Polls often at first, for short operations, then less often. */
const pollMs = {first: 5, last: 200} as const;
/** How often the owner of a lock touches it, for those who cannot see its process. */
const touchMs = 5000;
/** A hidden owner that has not touched its lock for this long counts as dead. */
const forsakenMs = 30_000;

/**
 * Takes the lock file at `lockPath`. Waits while its owner lives; takes over at once from a dead one. An owner in
 * another process namespace (another container) shows that it lives by touching the lock; the time of day is not used.
 * @param onWait called once with the owner, if there is one to wait for.
 * @throws the signal's reason when `signal` aborts while waiting.
 */
export async function acquireOwnerLock(
  lockPath: string,
  signal: AbortSignal,
  onWait: (owner: LockOwner) => void = () => undefined,
): Promise<AsyncDisposable> {
  const watch = new LockWatch(lockPath);
  for (let delayMs: number = pollMs.first; ; delayMs = Math.min(2 * delayMs, pollMs.last)) {
    const taken = await takeLock(lockPath, signal, watch);
    if (taken.lock !== undefined) return taken.lock;
    if (delayMs === pollMs.first) {
      onWait({pid: taken.owner.pid, isHidden: await isHidden(taken.owner)});
    }
    await sleep(delayMs, undefined, {signal}).catch(() => undefined);
  }
}

/** Takes the lock file at `lockPath` if no living owner holds it; otherwise returns `undefined` at once. */
export async function tryOwnerLock(lockPath: string): Promise<AsyncDisposable | undefined> {
  return (await takeLock(lockPath, new AbortController().signal, new LockWatch(lockPath))).lock;
}

/** Watches whether a lock is touched. */
class LockWatch {
  private seen: {readonly stamp: string; readonly at: number} | undefined;

  constructor(private readonly lockPath: string) {}

  /** Whether the lock has not changed for the whole time, as observed by this process. */
  async isForsaken(): Promise<boolean> {
    const stats = await stat(this.lockPath).catch(() => undefined);
    if (stats === undefined) return false;
    const stamp = `${stats.ino} ${stats.mtimeMs}`;
    if (this.seen?.stamp !== stamp) this.seen = {stamp, at: performance.now()};
    return performance.now() - this.seen.at > forsakenMs;
  }
}

type Taking = {readonly lock: AsyncDisposable} | {readonly lock?: undefined; readonly owner: Owner};

/** Takes the lock, or returns its owner. */
async function takeLock(lockPath: string, signal: AbortSignal, watch: LockWatch): Promise<Taking> {
  const mine = `${lockPath}.${await ownerName()}-${randomUUID()}`;
  const text = await ownerText();
  try {
    await writeFile(mine, text);
    while (!(await tryLink(mine, lockPath))) {
      signal.throwIfAborted();
      const held = await readFile(lockPath, 'utf8').catch(() => undefined);
      if (held === undefined) continue;
      const owner = await livingOwnerOf(held);
      const isAlive =
        owner !== undefined && !((await isHidden(owner)) && (await watch.isForsaken()));
      if (isAlive) return {owner};
      if (await takeOver(lockPath, held, text)) break;
    }
    return {lock: holdLock(lockPath)};
  } finally {
    await rm(mine, {force: true});
  }
}

function holdLock(lockPath: string): AsyncDisposable {
  const touch = async (): Promise<void> => {
    const now = new Date();
    // A store that was just deleted has no locks.
    await utimes(lockPath, now, now).catch(() => undefined);
  };
  const timer = setInterval(() => void touch(), touchMs).unref();
  return {
    [Symbol.asyncDispose]: () => {
      clearInterval(timer);
      return rm(lockPath, {force: true});
    },
  };
}

/**
 * Replaces a dead owner's lock. The marker is named after that owner, so only one of several waiters wins. It reads the
 * lock again, because an earlier winner may have finished between the reading and the marker.
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
