import type {ArtifactDigest, JsonValue} from './digest.js';

/** The input of a host function. It may write below `outputPath` and nowhere else. */
export interface HostFunctionContext {
  readonly parameters: JsonValue;
  /** Pinned downloads by file name: absolute host paths, read-only. */
  readonly sources: ReadonlyMap<string, string>;
  /** Input artifacts by the name the stage gave them: absolute host paths, read-only. */
  readonly inputs: ReadonlyMap<string, string>;
  /** The digests of the input artifacts, by the same names. */
  readonly digests: ReadonlyMap<string, ArtifactDigest>;
  /** An empty directory that becomes the artifact. */
  readonly outputPath: string;
  /** Writes a line to the stage's log. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The function of a host stage. Equal inputs give equal output bytes; raise `revision` when the output changes. */
export interface HostFunction {
  readonly revision: number;
  readonly run: (context: HostFunctionContext) => Promise<void>;
}

/** The functions by the names that host stages use. */
export type HostFunctionTable = Readonly<Record<string, HostFunction>>;
