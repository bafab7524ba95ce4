import {chmod, readdir, stat} from 'node:fs/promises';
import path from 'node:path';
import {sha256, type ArtifactDigest, type ResolvedKey, type StageKey} from '../core/digest.js';
import {InputError, messageOf, type BuildError} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import type {RunReason} from '../core/run-reason.js';
import type {StageId} from '../core/stage-id.js';
import {isThere} from '../files/is-there.js';
import {makeFolders} from '../files/make-folders.js';
import {DiskContent} from './disk-content.js';
import {DiskRecords} from './disk-records.js';
import {DiskSourceStore} from './disk-source-store.js';
import {asFullDisk, describeSpace, isAlmostFull} from './full-disk.js';
import {foldersOf, layoutOf, readIfThere, writeWhole, type StoreLayout} from './layout.js';
import {acquireOwnerLock, lockIn, noLock} from './owner-lock.js';
import {unlessReadOnly} from './read-only.js';
import {findMark, keepMark, type StoredMark} from './plan-marks.js';
import {openStageLog} from './stage-logs.js';
import type {
  LockOwner,
  OwnerLock,
  PlanMark,
  StageLog,
  StageRecord,
  Store,
  Workspace,
} from './store.js';
import type {TreeBounds} from './tree.js';
import {openWorkspace} from './workspace.js';

/** How long a builder waits in silence. */
const noticeMs = 2000;

/** A store in a folder of a local file system. See ARCHITECTURE.md for its layout. */
export class DiskStore implements Store {
  /** The pinned downloads. */
  readonly sources: DiskSourceStore;
  private readonly content: DiskContent;
  private readonly records: DiskRecords;
  /** Resolves when the last operation that excludes sweeps has ended. */
  private unswept: Promise<unknown> = Promise.resolve();
  private isToldReadOnly = false;

  private constructor(
    readonly layout: StoreLayout,
    private readonly onNotice: (message: string) => void,
    private readonly signal: AbortSignal,
  ) {
    this.sources = new DiskSourceStore(layout.sources, layout.owners);
    this.content = new DiskContent(layout, (work) => this.withoutSweep(work));
    this.records = new DiskRecords(layout, this.content, onNotice);
  }

  /**
   * Opens the store in `folder`, creating it if needed.
   * @param onNotice notified of anything damaged, which then counts as missing and is made again, and of whom this process
   * waits for.
   * @param signal ends waiting for other processes.
   * @throws InputError if it cannot be made.
   */
  static async open(
    folder: string,
    onNotice: (message: string) => void = () => undefined,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<DiskStore> {
    const layout = layoutOf(folder);
    try {
      for (const name of foldersOf(layout)) {
        // Stores of earlier versions have none, and one that can only be read needs none.
        if ([layout.owners, layout.builds].includes(name))
          await unlessReadOnly(
            () => makeFolders(name),
            () => undefined,
          );
        else await makeFolders(name);
      }
      await keepFromOthers(layout.work);
    } catch (error) {
      throw new InputError([
        `--store: ${folder} cannot be used (${messageOf(error)}).\n` +
          'Name a folder that can be written to with --store or AMPOULE_STORE.',
      ]);
    }
    return new DiskStore(layout, onNotice, signal);
  }

  /**
   * Opens a store that is there, with the parameters of `open`: for commands that only read a store or tidy it.
   * @throws InputError if there is none.
   */
  static async openPresent(...[folder, ...others]: Parameters<typeof DiskStore.open>) {
    if (await isThere(layoutOf(folder).root)) return DiskStore.open(folder, ...others);
    throw new InputError([
      `--store: there is no store at ${folder}.\n` +
        `Next: name another folder with --store or AMPOULE_STORE; \`${ownCommand('build')}\` makes a store.`,
    ]);
  }

  /** Absolute, with the layout's version. */
  get root(): string {
    return this.layout.root;
  }

  /** Contains temporary files, and files that live as long as a process. */
  get temporaryPath(): string {
    return this.layout.tmp;
  }

  hasArtifact(digest: ArtifactDigest): Promise<boolean> {
    return this.content.hasArtifact(digest);
  }

  materialise(digest: ArtifactDigest): Promise<string> {
    return this.content.materialise(digest);
  }

  discardIfDamaged(digest: ArtifactDigest, signal?: AbortSignal): Promise<string | undefined> {
    return this.content.discardIfDamaged(digest, signal);
  }

  publish(
    directory: string,
    keep?: (artifact: ArtifactDigest) => Promise<void>,
    bounds?: TreeBounds,
  ): Promise<ArtifactDigest> {
    return this.content.publish(directory, keep, bounds);
  }

  findByStageKey(key: StageKey): Promise<StageRecord | undefined> {
    return this.records.findByStageKey(key);
  }

  findByResolvedKey(key: ResolvedKey): Promise<StageRecord | undefined> {
    return this.records.findByResolvedKey(key);
  }

  findNewest(stage: StageId): Promise<StageRecord | undefined> {
    return this.records.findNewest(stage);
  }

  recordsOf(stage: StageId): Promise<readonly StageRecord[]> {
    return this.records.recordsOf(stage);
  }

  record(record: StageRecord): Promise<void> {
    return this.records.record(record);
  }

  asFullDisk(error: unknown): Promise<BuildError | undefined> {
    return asFullDisk(error, this.root, '--store or AMPOULE_STORE');
  }

  async spaceNotice(): Promise<string | undefined> {
    return (await isAlmostFull(this.root)) ? describeSpace(this.root) : undefined;
  }

  mark(mark: PlanMark): Promise<AsyncDisposable> {
    const unmarked = (): AsyncDisposable => {
      if (!this.isToldReadOnly) {
        this.onNotice(
          `the store ${this.root} can only be read: what is in it is used, but not kept from \`store gc\` elsewhere`,
        );
      }
      this.isToldReadOnly = true;
      return noLock;
    };
    const write = async (): Promise<AsyncDisposable> => {
      const texts = new Map(mark.texts.map((text) => [sha256(text), text]));
      const digests = [...texts.keys()].sort();
      const present = new Set(await readdir(this.layout.texts));
      for (const [digest, text] of texts) {
        if (!present.has(digest)) await writeWhole(this.layout, this.textPath(digest), text);
      }
      return keepMark(this.layout, mark, digests);
    };
    return this.withoutSweep(() => unlessReadOnly(write, unmarked));
  }

  /** The newest mark of a checkout and subject, with digests in place of texts. */
  findMark(name: Pick<PlanMark, 'checkout' | 'subject'>): Promise<StoredMark | undefined> {
    return findMark(this.layout, name);
  }

  /** A text stored by a mark; `undefined` if missing or damaged. */
  async readText(digest: string): Promise<string | undefined> {
    const text = await readIfThere(this.textPath(digest));
    return text === undefined || sha256(text) !== digest ? undefined : text;
  }

  withoutSweep<T>(work: (lock: OwnerLock) => Promise<T>): Promise<T> {
    const turn = this.unswept.then(async () => {
      await using lock = await this.sweepLock();
      return await work(lock);
    });
    this.unswept = turn.catch(() => undefined);
    return turn;
  }

  /** Held for moments only: who waits longer is told for whom. */
  private async sweepLock(): Promise<OwnerLock> {
    let timer: NodeJS.Timeout | undefined;
    const onWait = ({title}: LockOwner): void => {
      const message =
        `waiting  for ${title}, which holds the lock of the store ${this.root}\n` +
        '         It needs that for moments only: if it was stopped, let it continue or end it.';
      timer = setTimeout(() => this.onNotice(message), noticeMs);
    };
    try {
      return await unlessReadOnly(
        () => acquireOwnerLock(lockIn(this.layout, 'sweep'), this.signal, onWait),
        () => noLock,
      );
    } finally {
      clearTimeout(timer);
    }
  }

  lock(
    key: StageKey,
    signal: AbortSignal,
    onWait?: (owner: LockOwner) => void,
  ): Promise<OwnerLock> {
    return unlessReadOnly(
      () => acquireOwnerLock(lockIn(this.layout, key), signal, onWait),
      () => noLock,
    );
  }

  openWorkspace(key: StageKey, resume?: ResolvedKey): Promise<Workspace> {
    return openWorkspace(this.layout, key, resume);
  }

  openLog(stage: StageId, reason?: RunReason): Promise<StageLog> {
    return openStageLog(this.layout, stage, reason);
  }

  /** A small named text that outlives the run, such as a remembered choice. */
  async readNote(name: string): Promise<string | undefined> {
    return readIfThere(this.notePath(name));
  }

  /** Keeps a small text for later runs. Returns the path of its file. */
  async writeNote(name: string, text: string): Promise<string> {
    await writeWhole(this.layout, this.notePath(name), text);
    return this.notePath(name);
  }

  private notePath(name: string): string {
    return path.join(this.root, `${name}.txt`);
  }

  private textPath(digest: string): string {
    return path.join(this.layout.texts, digest);
  }
}

/** Lets only its owner into a folder: whatever a stage leaves in it is nothing for others to run. */
async function keepFromOthers(folder: string): Promise<void> {
  const {mode, uid} = await stat(folder);
  // The folders of another user's store are that user's to keep.
  if ((mode & 0o077) !== 0 && uid === process.geteuid?.()) await chmod(folder, 0o700);
}
