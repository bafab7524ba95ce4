import type {ArtifactDigest} from '../../src/core/digest.js';
import type {ArtifactReference} from '../../src/executor/executor.js';

/** A tree on this machine that executions can name. */
export interface LocalTree extends ArtifactReference {
  /** Absolute. */
  readonly hostPath: string;
}

/** The tree at `hostPath`. */
export function localTree(digest: ArtifactDigest, hostPath: string): LocalTree {
  return {digest, hostPath, materialise: () => Promise.resolve(hostPath)};
}
