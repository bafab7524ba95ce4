import {stat} from 'node:fs/promises';
import {parseSha256, type Sha256} from '../core/digest.js';
import type {DiskStore} from './disk-store.js';
import {hashFile, Slices} from './hash-file.js';
import {parseSealed, renderSealed} from './sealed-json.js';

const noteName = 'file-hashes';

/** A file that was written to this shortly before it was read may be written to again without a new time. */
const settledMs = 2000;

/** A hash, and the identity of the file when it was read: device, inode, size, mtime and ctime in nanoseconds. */
type Known = readonly [identity: string, sha256: string];

/**
 * The sha256 of files outside the store, remembered in the store. A file is read again when its identity has changed.
 * Whoever writes to a file changes its ctime, which nobody can set.
 */
export class FileHashes {
  private hasChanged = false;
  /** What this process has read itself. */
  private readonly read = new Map<string, Known>();

  private constructor(
    private readonly store: DiskStore,
    private readonly known: Map<string, Known>,
    private readonly signal: AbortSignal,
  ) {}

  static async open(store: DiskStore, signal: AbortSignal): Promise<FileHashes> {
    const members = Object.entries(parseSealed((await store.readNote(noteName)) ?? '') ?? {});
    const known = members.flatMap(([file, value]): [string, Known][] => {
      const [identity, sha256] = Array.isArray(value) ? (value as readonly unknown[]) : [];
      const isKnown = typeof identity === 'string' && typeof sha256 === 'string';
      return isKnown ? [[file, [identity, sha256]]] : [];
    });
    return new FileHashes(store, new Map(known), signal);
  }

  /**
   * The sha256 of a file; `undefined` if there is none.
   * @param reading `again` reads it completely, once per process, whatever the store remembers.
   */
  async of(file: string, reading: 'again' | 'if changed'): Promise<Sha256 | undefined> {
    const now = Date.now();
    const identity = await identityOf(file);
    if (identity === undefined) return undefined;
    const source = reading === 'again' ? this.read : this.known;
    const [known, remembered = ''] = this.read.get(file) ?? source.get(file) ?? [];
    const sha256 = known === identity.text ? parseSha256(remembered) : undefined;
    if (sha256 !== undefined) return sha256;
    const found = await hashFile(file, new Slices(this.signal));
    const isSettled =
      now - identity.changedMs > settledMs && (await identityOf(file))?.text === identity.text;
    this.read.set(file, [identity.text, found]);
    if (isSettled) this.known.set(file, [identity.text, found]);
    this.hasChanged ||= isSettled;
    return found;
  }

  /** Stores what was found out, and forgets files that are gone. */
  async save(): Promise<void> {
    if (!this.hasChanged) return;
    for (const file of this.known.keys()) {
      if ((await identityOf(file)) === undefined) this.known.delete(file);
    }
    await this.store.writeNote(noteName, renderSealed(Object.fromEntries(this.known)));
    this.hasChanged = false;
  }
}

async function identityOf(file: string): Promise<{text: string; changedMs: number} | undefined> {
  const stats = await stat(file, {bigint: true}).catch(() => undefined);
  if (stats?.isFile() !== true) return undefined;
  const {dev, ino, size, mtimeNs, ctimeNs, ctimeMs} = stats;
  return {text: [dev, ino, size, mtimeNs, ctimeNs].join(' '), changedMs: Number(ctimeMs)};
}
