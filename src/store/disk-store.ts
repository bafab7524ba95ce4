import {randomUUID} from 'node:crypto';
import {createWriteStream} from 'node:fs';
import {access, mkdir, readFile, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {finished} from 'node:stream/promises';
import type {ArtifactDigest, ResolvedKey, StageKey} from '../core/digest.js';
import {BuildError} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import {DiskSourceStore} from './disk-source-store.js';
import {acquireOwnerLock} from './owner-lock.js';
import type {StageLog, StageRecord, Store, Workspace} from './store.js';
import {normaliseTree} from './tree.js';

/** Raise when the layout below changes: an older store is then left alone. */
const layoutVersion = 1;

/** The store's folder cannot be used. */
export class StoreError extends BuildError {
  override readonly name = 'StoreError';
  readonly code = 'E_STORE';
}

/** A store in a folder of a local file system. See ARCHITECTURE.md for its layout. */
export class DiskStore implements Store {
  private constructor(
    /** Absolute, with the layout's version. */
    readonly root: string,
    /** The pinned downloads. */
    readonly sources: DiskSourceStore,
  ) {}

  /** Opens the store in `folder`, making it if needed. */
  static async open(folder: string): Promise<DiskStore> {
    const root = path.join(path.resolve(folder), `v${layoutVersion}`);
    try {
      for (const name of ['sources', 'artifacts', 'records', 'logs', 'work', 'locks', 'tmp']) {
        await mkdir(path.join(root, name), {recursive: true});
      }
      for (const name of ['stage-key', 'resolved-key', 'newest']) {
        await mkdir(path.join(root, 'records', name), {recursive: true});
      }
    } catch (error) {
      throw new StoreError(
        `The store at ${folder} cannot be used: ${(error as Error).message}\n` +
          'Name a folder that can be written to with --store or AMPOULE_STORE.',
        {cause: error},
      );
    }
    return new DiskStore(root, new DiskSourceStore(path.join(root, 'sources')));
  }

  artifactPath(digest: ArtifactDigest): string {
    return path.join(this.root, 'artifacts', digest);
  }

  async hasArtifact(digest: ArtifactDigest): Promise<boolean> {
    return exists(this.artifactPath(digest));
  }

  async publish(directory: string): Promise<ArtifactDigest> {
    const digest = await normaliseTree(directory);
    try {
      await rename(directory, this.artifactPath(digest));
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST' && code !== 'ENOTEMPTY') throw error;
      // Somebody published the same bytes: either copy is right.
      await rm(directory, {recursive: true, force: true});
    }
    return digest;
  }

  findByStageKey(key: StageKey): Promise<StageRecord | undefined> {
    return this.readRecord('stage-key', key);
  }

  findByResolvedKey(key: ResolvedKey): Promise<StageRecord | undefined> {
    return this.readRecord('resolved-key', key);
  }

  findNewest(stage: StageId): Promise<StageRecord | undefined> {
    return this.readRecord('newest', encodeURIComponent(stage));
  }

  async record(record: StageRecord): Promise<void> {
    await this.writeRecord('stage-key', record.stageKey, record);
    await this.writeRecord('newest', encodeURIComponent(record.stage), record);
    const first = await this.findByResolvedKey(record.resolvedKey);
    if (first !== undefined && (await this.hasArtifact(first.artifact))) return;
    await this.writeRecord('resolved-key', record.resolvedKey, record);
  }

  lock(key: StageKey, signal: AbortSignal): Promise<AsyncDisposable> {
    return acquireOwnerLock(path.join(this.root, 'locks', key), signal);
  }

  async openWorkspace(key: StageKey): Promise<Workspace> {
    const directory = path.join(this.root, 'work', key);
    const remove = () => rm(directory, {recursive: true, force: true});
    await remove();
    await mkdir(directory);
    return {path: directory, remove};
  }

  async openLog(stage: StageId): Promise<StageLog> {
    const directory = path.join(this.root, 'logs', encodeURIComponent(stage));
    await mkdir(directory, {recursive: true});
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
    const file = path.join(directory, `${stamp}-${process.pid}.log`);
    const stream = createWriteStream(file, {flags: 'a'});
    const closed = finished(stream);
    // A full disk is reported by whoever closes the log, not by an unhandled rejection while the stage runs.
    closed.catch(() => undefined);
    return {
      path: file,
      write: (chunk) => void stream.write(chunk),
      close: () => {
        stream.end();
        return closed;
      },
    };
  }

  /** Holds files on their way to their names, and what lives as long as a process. */
  get temporaryPath(): string {
    return path.join(this.root, 'tmp');
  }

  /** A small text that outlives the run under a name, such as a remembered choice. */
  async readNote(name: string): Promise<string | undefined> {
    return readFile(path.join(this.root, `${name}.txt`), 'utf8').catch(() => undefined);
  }

  /** Keeps a small text for later runs. */
  writeNote(name: string, text: string): Promise<void> {
    return this.writeWhole(path.join(this.root, `${name}.txt`), text);
  }

  private async readRecord(index: string, name: string): Promise<StageRecord | undefined> {
    const file = path.join(this.root, 'records', index, `${name}.json`);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    // Only `writeRecord` writes here, and it writes whole files.
    return text === undefined ? undefined : (JSON.parse(text) as StageRecord);
  }

  private writeRecord(index: string, name: string, record: StageRecord): Promise<void> {
    const file = path.join(this.root, 'records', index, `${name}.json`);
    return this.writeWhole(file, `${JSON.stringify(record, undefined, 1)}\n`);
  }

  /** Readers see the old text or the new one, never a part. */
  private async writeWhole(file: string, text: string): Promise<void> {
    const temporary = path.join(this.temporaryPath, randomUUID());
    await writeFile(temporary, text);
    await rename(temporary, file);
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
