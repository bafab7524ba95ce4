import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {rename, rm} from 'node:fs/promises';
import path from 'node:path';
import type {Sha256} from '../core/digest.js';
import type {Source} from '../core/source.js';
import type {SourceSink} from '../core/source-store.js';
import {isThere} from '../files/is-there.js';
import {acquireOwnerLock} from './owner-lock.js';
import type {OwnerLock} from './store.js';

/** Pinned downloads in one folder, each under its sha256. */
export class DiskSourceStore implements SourceSink {
  /** @param owners the sockets of builders: see `LockPlace`. */
  constructor(
    private readonly folder: string,
    private readonly owners?: string,
  ) {}

  pathOf(digest: Sha256): string {
    return path.join(this.folder, digest);
  }

  async has(source: Source): Promise<boolean> {
    return isThere(this.pathOf(source.sha256));
  }

  /** Verifies an existing source and removes it if it does not match the pin. @returns the problem. */
  async discardIfDamaged(source: Source, signal: AbortSignal): Promise<string | undefined> {
    const file = this.pathOf(source.sha256);
    const look = async (): Promise<string | undefined> => {
      const got = await hashOf(file, signal);
      return got === undefined || got === source.sha256
        ? undefined
        : `expected sha256 ${source.sha256.slice(0, 12)}, found ${got.slice(0, 12)}`;
    };
    if ((await look()) === undefined) return undefined;
    // Another process may have found it too and downloaded it again.
    await using _lock = await this.lock(source.sha256, signal);
    const problem = await look();
    if (problem !== undefined) await rm(file, {force: true});
    return problem;
  }

  temporaryPathFor(digest: Sha256): string {
    return path.join(this.folder, `${digest}.partial`);
  }

  async lock(digest: Sha256, signal: AbortSignal): Promise<OwnerLock> {
    const {owners} = this;
    const temporaryPath = this.temporaryPathFor(digest);
    const place = {path: `${temporaryPath}.lock`, ...(owners !== undefined && {owners})};
    const lock = await acquireOwnerLock(place, signal);
    // The other one may still write to the file.
    if (lock.mayHaveRival) await rm(temporaryPath, {force: true});
    return lock;
  }

  async publish(digest: Sha256, temporaryPath: string): Promise<string> {
    await rename(temporaryPath, this.pathOf(digest));
    return this.pathOf(digest);
  }
}

/** sha256 of a file, hex; `undefined` if it does not exist. */
async function hashOf(file: string, signal: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    const stream = createReadStream(file, {highWaterMark: 1 << 20, signal});
    for await (const chunk of stream) hash.update(chunk as Uint8Array);
  } catch (error) {
    signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}
