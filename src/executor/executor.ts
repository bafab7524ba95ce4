import type {ArtifactDigest} from '../core/digest.js';

/** An artifact by its digest. An executor that runs elsewhere and has it there never asks for its files. */
export interface ArtifactReference {
  readonly digest: ArtifactDigest;
  /** Makes it present on this machine: the absolute host path of its folder, which is only read. */
  materialise(): Promise<string>;
}

/** Artifacts mounted read-only at one place of the sandbox. */
export interface ExecutionMount {
  readonly guestPath: string;
  /** Their union; two artifacts that contain the same file are an error. */
  readonly artifacts: readonly ArtifactReference[];
}

/** A file below `/src`: a download on the host, or a text. */
export type SourceFile =
  | {readonly kind: 'path'; readonly hostPath: string}
  | {readonly kind: 'text'; readonly text: string};

/** One command in the sandbox. The content behind every field is part of a stage's key. */
export interface Execution {
  readonly rootfs: ArtifactReference;
  readonly mounts: readonly ExecutionMount[];
  /** By path relative to `/src`. */
  readonly sources: ReadonlyMap<string, SourceFile>;
  readonly argv: readonly [string, ...string[]];
  /** The complete environment, except `MAKEFLAGS` and `AMPOULE_JOBS`, which carry the limits. */
  readonly environment: Readonly<Record<string, string>>;
}

/** What an execution may use. Never part of a key. */
export interface ExecutionLimits {
  /** How many jobs at once; passed in `AMPOULE_JOBS` to tools other than make. */
  readonly jobs: number;
  /** The largest sum of the sizes of files in `/out`, where these are copied. */
  readonly outputBytes?: number;
  /**
   * Whether the content of `/build` is kept for the next run in the same workspace if the command does not succeed.
   * Without it, only a `/build` that is a folder of the workspace is kept.
   */
  readonly keepsBuild?: true;
  /** Whether `/build` lies in the workspace after a success too. */
  readonly keepsWork?: true;
}

/** Limits of each stage of a run, which executors enforce; missing ones are not limited. Never part of a key. */
export interface StageLimits {
  readonly memoryBytes?: number;
  /** Processes and threads. */
  readonly pids?: number;
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
   * @param workspacePath a host directory, empty except for a kept build; afterwards its `out` has the content of
   * `/out`.
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
   * Runs an interactive command on this process's own input and output.
   * @param workspacePath a host directory; its `build` and `out` appear as `/build` and `/out`.
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
  /** The command uses this process's terminal: Ctrl-C, job control, size. */
  readonly hasTerminal: boolean;
}

/**
 * As many slots as jobs may run at once. A stage holds one slot while it runs. A make inside takes more slots and
 * returns them after each job, so a stage in a serial step leaves the others to its neighbours.
 */
export interface JobPool {
  readonly size: number;
  /** Waits for a slot; the result returns it. Rejects with the signal's reason when it aborts. */
  acquire(signal: AbortSignal): Promise<() => void>;
}
