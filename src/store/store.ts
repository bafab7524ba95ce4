import type {ArtifactDigest, JsonValue, ResolvedKey, Sha256, StageKey} from '../core/digest.js';
import type {BuildError} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';

/** What is kept of a stage that ran or was found equal to one that had. */
export interface StageRecord {
  readonly stage: StageId;
  readonly stageKey: StageKey;
  readonly resolvedKey: ResolvedKey;
  /** What the resolved key is the hash of: input stages stand as artifact digests. */
  readonly inputs: JsonValue;
  /** The same places by the names of the stages; not in records of earlier versions. */
  readonly inputNames?: JsonValue;
  readonly artifact: ArtifactDigest;
  /** Wall-clock seconds of the run that made the artifact. */
  readonly seconds: number;
  /** The log of that run: absolute. */
  readonly log: string;
}

/** Scratch space of one stage's run, on the store's file system. */
export interface Workspace {
  readonly path: string;
  /** Whether the `build` of an earlier run is in it. */
  readonly isResumed: boolean;
  /** Removes the workspace. Not called after a failure: its files are what a person wants to look at. */
  remove(): Promise<void>;
}

/** How a stage's run ended, as its log tells it. */
export interface LogEnding {
  readonly outcome: 'built' | 'failed' | 'stopped';
  readonly seconds: number;
}

/** A stage's log, written as it runs. */
export interface StageLog {
  /** Absolute. */
  readonly path: string;
  write(chunk: Uint8Array | string): void;
  /** `ending` is kept beside the log: whoever reads it then knows that no more comes. */
  close(ending: LogEnding): Promise<void>;
}

/** What a plan uses: `store gc` leaves it in the store as long as the mark is there. */
export interface PlanMark {
  /** Absolute path of the project. The mark counts as long as that folder exists. */
  readonly checkout: string;
  /** What was planned there: a newer mark of the same checkout and subject replaces this one. */
  readonly subject: string;
  readonly stages: Readonly<Record<StageId, StageKey>>;
  readonly sources: readonly Sha256[];
  /** Scripts and patches, which keys hold by digest alone: `why` shows what changed in them. */
  readonly texts: readonly string[];
}

/** A process that holds a lock. */
export interface LockOwner {
  readonly pid: number;
  /** It lives among processes that this one does not see: in another container. */
  readonly isHidden: boolean;
}

/** What is known of stages that ran, by their keys. It may name artifacts that are not there any more. */
export interface RecordStore {
  /** The record written last under this stage key. */
  findByStageKey(key: StageKey): Promise<StageRecord | undefined>;
  /** The record whose artifact stands for this resolved key: the first one written. */
  findByResolvedKey(key: ResolvedKey): Promise<StageRecord | undefined>;
  /** The newest record of a stage of this name. */
  findNewest(stage: StageId): Promise<StageRecord | undefined>;
  /** Keeps a record. A resolved key that has a record with a present artifact keeps that one. */
  record(record: StageRecord): Promise<void>;
}

/** Artifacts by their digests, wherever they lie. */
export interface ContentStore {
  hasArtifact(digest: ArtifactDigest): Promise<boolean>;
  /**
   * Makes an artifact that the store has present on this machine.
   * @returns the absolute host path of its folder, which is only read.
   */
  materialise(digest: ArtifactDigest): Promise<string>;
  /**
   * Reads an artifact whole, once in a process, and removes it when it is not what its digest says.
   * @returns what was wrong.
   */
  discardIfDamaged(digest: ArtifactDigest): Promise<string | undefined>;
  /**
   * Normalises a directory of a workspace and takes it in whole.
   * @param keep records what the artifact is good for, before a sweep can see one that nothing needs.
   */
  publish(
    directory: string,
    keep?: (artifact: ArtifactDigest) => Promise<void>,
  ): Promise<ArtifactDigest>;
}

/** What a builder has on its own machine while it works. */
export interface BuildSpace {
  /**
   * Keeps what a plan uses from being swept: until a newer mark takes its place, and in any case until the result is
   * disposed of. Every walk over a graph is marked before it starts.
   */
  mark(mark: PlanMark): Promise<AsyncDisposable>;
  /** Does something short that no sweep may come in between of. */
  withoutSweep<T>(work: () => Promise<T>): Promise<T>;

  /** The error to tell in place of one that says that the disk is full; `undefined` for other errors. */
  asFullDisk(error: unknown): Promise<BuildError | undefined>;
  /** A sentence about the space on the store's file system, when there is next to none. */
  spaceNotice(): Promise<string | undefined>;

  /**
   * Makes the caller the one owner of a stage key, waiting for a living owner, taking over from a dead one.
   * @param onWait told the owner that is waited for.
   */
  lock(
    key: StageKey,
    signal: AbortSignal,
    onWait?: (owner: LockOwner) => void,
  ): Promise<AsyncDisposable>;
  /**
   * A workspace for the owner of `key`. It is empty, what an earlier run left there is gone; but for its `build` when
   * `resume` is the resolved key of that run.
   */
  openWorkspace(key: StageKey, resume?: ResolvedKey): Promise<Workspace>;
  openLog(stage: StageId): Promise<StageLog>;
}

/** Everything that a build keeps. Several builders may use one store at once. */
export interface Store extends RecordStore, ContentStore, BuildSpace {}
