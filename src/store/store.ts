import type {ArtifactDigest, JsonValue, ResolvedKey, StageKey} from '../core/digest.js';
import type {StageId} from '../core/stage-id.js';

/** What is kept of a stage that ran or was found equal to one that had. */
export interface StageRecord {
  readonly stage: StageId;
  readonly stageKey: StageKey;
  readonly resolvedKey: ResolvedKey;
  /** What the resolved key is the hash of: input stages stand as artifact digests. */
  readonly inputs: JsonValue;
  readonly artifact: ArtifactDigest;
  /** Wall-clock seconds of the run that made the artifact. */
  readonly seconds: number;
  /** The log of that run, relative to the store. */
  readonly log: string;
}

/** Scratch space of one stage's run, on the store's file system. */
export interface Workspace {
  readonly path: string;
  /** Removes the workspace. Not called after a failure: its files are what a person wants to look at. */
  remove(): Promise<void>;
}

/** A stage's log, written as it runs. */
export interface StageLog {
  /** Absolute. */
  readonly path: string;
  write(chunk: Uint8Array | string): void;
  close(): Promise<void>;
}

/** Artifacts, stage records, logs and scratch space. Several builders may use one store at once. */
export interface Store {
  /** Where the artifact lies, whether or not it is there. */
  artifactPath(digest: ArtifactDigest): string;
  hasArtifact(digest: ArtifactDigest): Promise<boolean>;
  /** Normalises a directory of the store's own file system and moves it in whole. */
  publish(directory: string): Promise<ArtifactDigest>;

  /** The record written last under this stage key. */
  findByStageKey(key: StageKey): Promise<StageRecord | undefined>;
  /** The record whose artifact stands for this resolved key: the first one written. */
  findByResolvedKey(key: ResolvedKey): Promise<StageRecord | undefined>;
  /** The newest record of a stage of this name. */
  findNewest(stage: StageId): Promise<StageRecord | undefined>;
  /** Keeps a record. A resolved key that has a record with a present artifact keeps that one. */
  record(record: StageRecord): Promise<void>;

  /** Makes the caller the one owner of a stage key, waiting for a living owner, taking over from a dead one. */
  lock(key: StageKey, signal: AbortSignal): Promise<AsyncDisposable>;
  /** An empty workspace for the owner of `key`; what an earlier run left there is gone. */
  openWorkspace(key: StageKey): Promise<Workspace>;
  openLog(stage: StageId): Promise<StageLog>;
}
