import {randomUUID} from 'node:crypto';
import {link, readFile, rename, rm, stat, utimes, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {sha256} from '../core/digest.js';
import {isHidden, judgeOwner, ownerName, ownerText, type Owner} from './owner.js';
import type {StoreLayout} from './layout.js';
import {processTitle} from './process-title.js';
import type {LockOwner, OwnerLock} from './store.js';

/** Polls often at first, for short operations, then less often. */
const pollMs = {first: 5, last: 200} as const;

/** How often a lock is tried that others are taking over at the moment. */
const takeovers = 3;

/** For owners whose life nobody can see. */
export interface Heartbeat {
  /** How often the owner of a lock touches it. */
  touchMs: number;
  /** An owner that has not touched its lock for this long counts as dead. */
  forsakenMs: number;
}

/** The times of this process; tests shorten them. */
export const heartbeat: Heartbeat = {touchMs: 5000, forsakenMs: 30_000};

/** A lock, and how its owners see each other. */
export interface LockPlace {
  /** The lock file. */
  readonly path: string;
  /** The folder of the sockets of owners (`owner-socket.ts`); without it, hidden owners show their life by touching. */
  readonly owners?: string;
}

/** Stands for a lock where none can be made: in a store that can only be read, or without hard links. */
export const noLock: OwnerLock = {
  isHeld: () => Promise.resolve(true),
  mayHaveRival: false,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** The lock of a store with this name. */
export function lockIn({locks, owners}: StoreLayout, name: string): LockPlace {
  return {path: path.join(locks, name), owners};
}

/**
 * Takes a lock. Waits while its owner lives; takes over at once from a dead one. An owner that is in another process
 * namespace (another container) is asked over its socket. If that is impossible, as on a file system without sockets, it
 * shows that it lives by touching the lock; the time of day is not used. Such an owner can lose its lock while it is
 * stopped: see `OwnerLock.isHeld`.
 * @param onWait called once with the owner, if there is one to wait for.
 * @throws the signal's reason when `signal` aborts while waiting.
 */
export async function acquireOwnerLock(
  place: LockPlace,
  signal: AbortSignal,
  onWait: (owner: LockOwner) => void = () => undefined,
): Promise<OwnerLock> {
  const watches = new Watches();
  for (let delayMs: number = pollMs.first; ; delayMs = Math.min(2 * delayMs, pollMs.last)) {
    signal.throwIfAborted();
    const taken = await takeLock(place, watches);
    if ('lock' in taken) return taken.lock;
    const {owner} = taken;
    if (delayMs === pollMs.first && owner !== undefined) {
      const {pid} = owner;
      const hidden = await isHidden(owner);
      const title = hidden ? `process ${pid} in another container` : await processTitle(pid);
      onWait({pid, isHidden: hidden, title});
    }
    await sleep(delayMs, undefined, {signal}).catch(() => undefined);
  }
}

/** Takes a lock if no living owner holds it; otherwise returns `undefined` at once. */
export async function tryOwnerLock(place: LockPlace): Promise<OwnerLock | undefined> {
  const watches = new Watches();
  for (let attempt = 0; attempt < takeovers; attempt += 1) {
    const taken = await takeLock(place, watches);
    if ('lock' in taken) return taken.lock;
    if (taken.owner !== undefined) return undefined;
  }
  return undefined;
}

/** Watches whether files are touched. */
class Watches {
  private readonly seen = new Map<string, {readonly stamp: string; readonly at: number}>();

  /** Whether the file has not changed for the whole time, as observed by this process. */
  async isForsaken(file: string): Promise<boolean> {
    const stats = await stat(file).catch(() => undefined);
    if (stats === undefined) return false;
    const stamp = `${stats.ino} ${stats.mtimeMs}`;
    let seen = this.seen.get(file);
    if (seen?.stamp !== stamp) {
      seen = {stamp, at: performance.now()};
      this.seen.set(file, seen);
    }
    return performance.now() - seen.at > heartbeat.forsakenMs;
  }
}

/** The lock, or its present owner, if that is known. */
type Taking = {readonly lock: OwnerLock} | {readonly owner: Owner | undefined};

async function takeLock(place: LockPlace, watches: Watches): Promise<Taking> {
  // Different for each lock that is taken, so that an owner recognises its own.
  const nonce = randomUUID();
  const mine = `${place.path}.${await ownerName()}-${nonce}`;
  const text = `${(await ownerText(place.owners)).slice(0, -1)},"nonce":"${nonce}"}`;
  try {
    await writeFile(mine, text);
    for (;;) {
      if (await tryLink(mine, place.path)) return {lock: holdLock(place.path, text, false)};
      const held = await readLock(place.path);
      if (held === undefined) continue;
      const {owner, isForsaken} = await ownerOf(held, place.path, place.owners, watches);
      if (owner !== undefined && !isForsaken) return {owner};
      return await takeOver(place, {held, mine: text, mayHaveRival: isForsaken}, watches);
    }
  } finally {
    await rm(mine, {force: true});
  }
}

/** The owner of a lock unless it is dead, and whether it counts as dead because it does not touch the lock. */
async function ownerOf(
  text: string,
  file: string,
  owners: string | undefined,
  watches: Watches,
): Promise<{readonly owner?: Owner; readonly isForsaken: boolean}> {
  const judged = await judgeOwner(text, owners);
  if (judged === undefined || judged.life === 'dead') return {isForsaken: false};
  const isForsaken = judged.life !== 'living' && (await watches.isForsaken(file));
  return {owner: judged.owner, isForsaken};
}

function holdLock(lockPath: string, text: string, mayHaveRival: boolean): OwnerLock {
  const isHeld = async (): Promise<boolean> => (await readLock(lockPath)) === text;
  const touch = async (): Promise<void> => {
    const now = new Date();
    // A store that was just deleted has no locks.
    if (await isHeld()) await utimes(lockPath, now, now).catch(() => undefined);
  };
  const timer = setInterval(() => void touch(), heartbeat.touchMs).unref();
  return {
    isHeld,
    mayHaveRival,
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      if (await isHeld()) await rm(lockPath, {force: true});
    },
  };
}

/** A lock of an owner that is or counts as dead. */
interface Takeover {
  readonly held: string;
  readonly mine: string;
  readonly mayHaveRival: boolean;
}

/**
 * Replaces a dead owner's lock. The marker is named after that owner, so only one of several waiters wins. It reads the
 * lock again, because an earlier winner may have finished between the reading and the marker.
 */
async function takeOver(
  {path: lockPath, owners}: LockPlace,
  {held, mine, mayHaveRival}: Takeover,
  watches: Watches,
): Promise<Taking> {
  const marker = `${lockPath}.takeover-${sha256(held).slice(0, 16)}`;
  const replacement = `${lockPath}.${await ownerName()}-${randomUUID()}`;
  try {
    await writeFile(replacement, mine);
    if (!(await tryLink(replacement, marker))) {
      const other = await readLock(marker);
      if (other === undefined) return {owner: undefined};
      const winner = await ownerOf(other, marker, owners, watches);
      if (winner.owner !== undefined && !winner.isForsaken) return {owner: winner.owner};
      await rm(marker, {force: true});
      return {owner: undefined};
    }
    const isUnchanged = (await readLock(lockPath)) === held;
    if (isUnchanged) await rename(replacement, lockPath);
    await rm(marker, {force: true});
    return isUnchanged ? {lock: holdLock(lockPath, mine, mayHaveRival)} : {owner: undefined};
  } finally {
    await rm(replacement, {force: true});
  }
}

function readLock(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
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
