import type {ArtifactDigest} from '../core/digest.js';

/** An artifact by its digest. An executor that runs elsewhere and has it there never asks for its files. */
export interface ArtifactReference {
  readonly digest: ArtifactDigest;
  /** Makes it present on this machine: the absolute host path of its folder, which is only read. */
  materialise(): Promise<string>;
}

/** A tree of artifacts at one place of the sandbox, read-only. */
export interface ExecutionMount {
  readonly guestPath: string;
  /** Their union; two artifacts that hold the same file are an error. */
  readonly artifacts: readonly ArtifactReference[];
}

/** A file below `/src`: a download that lies on the host, or a text. */
export type SourceFile =
  | {readonly kind: 'path'; readonly hostPath: string}
  | {readonly kind: 'text'; readonly text: string};

/** One command in the sandbox. Every field is part of a stage's key, through what it stands for. */
export interface Execution {
  readonly rootfs: ArtifactReference;
  readonly mounts: readonly ExecutionMount[];
  /** By path relative to `/src`. */
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly argv: readonly [string, ...string[]];
  /** The whole environment, but for `MAKEFLAGS` and `AMPOULE_JOBS`, which carry the limits. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What an execution may use. Never part of a key. */
export interface ExecutionLimits {
  /** How many jobs at once; `AMPOULE_JOBS` tells it to tools that are not make. */
  readonly jobs: number;
  /**
   * What is in `/build` when the command does not succeed is there again in the next run in the same workspace. Without
   * it that is so only where `/build` is a folder of the workspace.
   */
  readonly keepsBuild?: true;
}

/** How a command ended. */
export type Exit =
  | {readonly kind: 'exited'; readonly code: number}
  | {readonly kind: 'signalled'; readonly signal: string}
  | {readonly kind: 'cancelled'};

/** Runs commands under the sandbox contract (ARCHITECTURE.md). */
export interface Executor extends AsyncDisposable {
  /** The job slots that all executions and the scheduler share. */
  readonly jobs: JobPool;
  /**
   * @param workspacePath a host directory, empty but for what `keepsBuild` is about; afterwards its `out` holds what the
   * command left in `/out`.
   * @param signal stops the command and everything it started; the promise then resolves to `cancelled`.
   * @throws BuildError when the sandbox cannot be set up.
   */
  run(
    execution: Execution,
    workspacePath: string,
    limits: ExecutionLimits,
    onOutput: (chunk: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<Exit>;
  /**
   * Runs a command for a person: its input and output are this process's own.
   * @param workspacePath a host directory; what lies in its `build` and `out` is in `/build` and `/out`.
   * @param signal as for `run`.
   * @throws BuildError when the sandbox cannot be set up.
   */
  attach(
    execution: Execution,
    workspacePath: string,
    limits: AttachLimits,
    signal: AbortSignal,
  ): Promise<Exit>;
}

/** What an attached execution may use. */
export interface AttachLimits extends ExecutionLimits {
  /** This process's terminal becomes the command's: Ctrl-C, job control, its size. */
  readonly hasTerminal: boolean;
}

/**
 * As many slots as jobs may run at once. A stage holds one slot while it runs; a make inside it takes further ones as
 * it can use them and gives them back job by job, so a stage in a serial step leaves the others to its neighbours.
 */
export interface JobPool {
  readonly size: number;
  /** Waits for a slot; the result gives it back. Rejects with the signal's reason when it aborts. */
  acquire(signal: AbortSignal): Promise<() => void>;
}
