import type {ArtifactDigest, JsonValue, ResolvedKey, Sha256, StageKey} from '../core/digest.js';
import type {BuildError} from '../core/errors.js';
import type {RunReason} from '../core/run-reason.js';
import type {StageId} from '../core/stage-id.js';

/** The record of a stage that ran, or that was found equal to one that had run. */
export interface StageRecord {
  readonly stage: StageId;
  readonly stageKey: StageKey;
  readonly resolvedKey: ResolvedKey;
  /** The inputs that the resolved key hashes, with artifact digests in place of input stages. */
  readonly inputs: JsonValue;
  /** The names of the input stages; missing in records of earlier versions. */
  readonly inputNames?: JsonValue;
  readonly artifact: ArtifactDigest;
  /** Wall-clock seconds of the run that made the artifact. */
  readonly seconds: number;
  /** The log of that run: absolute. */
  readonly log: string;
}

/** Scratch space for one run of a stage, on the store's file system. No other run ever has it at the same time. */
export interface Workspace {
  readonly path: string;
  /** Where `keep` leaves its files. */
  readonly keptPath: string;
  /** Whether it contains the `build` of an earlier run. */
  readonly isResumed: boolean;
  /**
   * Ends the run and leaves its files for inspection and for the next run. Those of a run that succeeded are removed by the
   * next build unless they were requested.
   */
  keep(why?: 'on request'): Promise<void>;
  /** Ends the run and removes its files. */
  remove(): Promise<void>;
}

/** How a run of a stage ended, for its log. */
export interface LogEnding {
  readonly outcome: 'built' | 'failed' | 'stopped';
  readonly seconds: number;
}

/** A stage's log, written as it runs. */
export interface StageLog {
  /** Absolute. */
  readonly path: string;
  write(chunk: Uint8Array | string): void;
  /** `ending` is stored beside the log, so that readers know that it is complete. */
  close(ending: LogEnding): Promise<void>;
}

/** What a plan uses. `store gc` keeps it as long as the mark exists. */
export interface PlanMark {
  /** Absolute path of the project. The mark counts as long as that folder exists. */
  readonly checkout: string;
  /** What was planned there: a newer mark of the same checkout and subject replaces this one. */
  readonly subject: string;
  readonly stages: Readonly<Record<StageId, StageKey>>;
  readonly sources: readonly Sha256[];
  /** Scripts and patches, which keys contain by digest only, so that `why` can show their changes. */
  readonly texts: readonly string[];
}

/** A process that holds a lock. */
export interface LockOwner {
  readonly pid: number;
  /** Whether it is in a process namespace that this process cannot see: another container. */
  readonly isHidden: boolean;
  /** The process in words: `process 3074 (ampoule build 3.14)`. */
  readonly title: string;
}

/** A lock that this process has taken. Disposing of it releases it, if it is still held. */
export interface OwnerLock extends AsyncDisposable {
  /**
   * Whether no other process has taken it over. That happens only to a process that was stopped for long, and whose life
   * the other could not see.
   */
  isHeld(): Promise<boolean>;
  /** Whether it was taken over from a process that may still live. */
  readonly mayHaveRival: boolean;
}

/** What is known of stages that ran, by their keys. It may name artifacts that are not there any more. */
export interface RecordStore {
  /** The record written last under this stage key. */
  findByStageKey(key: StageKey): Promise<StageRecord | undefined>;
  /** The record of this resolved key: the first one written. */
  findByResolvedKey(key: ResolvedKey): Promise<StageRecord | undefined>;
  /** The newest record of a stage of this name. */
  findNewest(stage: StageId): Promise<StageRecord | undefined>;
  /** Stores a record. If the resolved key already has a record whose artifact exists, that one stays. */
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
   * Verifies an artifact completely, once per process, and removes it if it does not match its digest.
   * @returns the problem.
   */
  discardIfDamaged(digest: ArtifactDigest, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * Normalises a directory of a workspace and takes it in whole.
   * @param keep stores the record, before a sweep could see the artifact as garbage.
   * @throws StageOutputError if the directory cannot be an artifact; the signal's reason if that stops it.
   */
  publish(
    directory: string,
    keep?: (artifact: ArtifactDigest) => Promise<void>,
    bounds?: {readonly signal?: AbortSignal; readonly limitBytes?: number},
  ): Promise<ArtifactDigest>;
}

/** What a builder has on its own machine while it works. */
export interface BuildSpace {
  /**
   * Protects what a plan uses from sweeps until a newer mark replaces it, and in any case until the result is disposed
   * of. Every walk over a graph is marked before it starts.
   */
  mark(mark: PlanMark): Promise<AsyncDisposable>;
  /** Runs a short operation that excludes sweeps. */
  withoutSweep<T>(work: (lock: OwnerLock) => Promise<T>): Promise<T>;

  /** The error to report instead of a disk-full error; `undefined` for other errors. */
  asFullDisk(error: unknown): Promise<BuildError | undefined>;
  /** A sentence about the free space on the store's file system, if it is almost full. */
  spaceNotice(): Promise<string | undefined>;

  /**
   * Makes the caller the only owner of a stage key. Waits for a living owner; takes over from a dead one.
   * @param onWait called with the owner to wait for.
   */
  lock(key: StageKey, signal: AbortSignal, onWait?: (owner: LockOwner) => void): Promise<OwnerLock>;
  /**
   * Makes an empty workspace for the owner of `key`. Keeps the `build` of an earlier run, which has ended, if `resume`
   * is the resolved key of that run.
   */
  openWorkspace(key: StageKey, resume?: ResolvedKey): Promise<Workspace>;
  /** @param reason why the stage runs, which is kept beside its log. */
  openLog(stage: StageId, reason?: RunReason): Promise<StageLog>;
}

/** Everything that a build keeps. Several builders may use one store at once. */
export interface Store extends RecordStore, ContentStore, BuildSpace {}
