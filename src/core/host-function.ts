import type {ArtifactDigest, JsonValue} from './digest.js';

/** What a host stage's function is given. It may write below `outputPath` and nowhere else. */
export interface HostFunctionContext {
  readonly parameters: JsonValue;
  /** Pinned downloads by file name: absolute host paths, read-only. */
  readonly sources: ReadonlyMap<string, string>;
  /** Input artifacts by the name the stage gave them: absolute host paths, read-only. */
  readonly inputs: ReadonlyMap<string, string>;
  /** The digests of the input artifacts, by the same names. */
  readonly digests: ReadonlyMap<string, ArtifactDigest>;
  /** An empty directory: becomes the artifact. */
  readonly outputPath: string;
  /** Writes a line to the stage's log. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A stage's work done by a function of ours. Equal inputs give equal output bytes; raise `revision` when they do not. */
export interface HostFunction {
  readonly revision: number;
  readonly run: (context: HostFunctionContext) => Promise<void>;
}

/** The functions by the name that host stages use. */
export type HostFunctionTable = Readonly<Record<string, HostFunction>>;
