import type {ArtifactDigest, StageKey} from './digest.js';
import type {BuildError} from './errors.js';
import type {FetchEvent} from './source-store.js';
import type {StageId} from './stage-id.js';

/** How a stage ended. */
export type StageOutcome =
  | {readonly kind: 'built'; readonly artifact: ArtifactDigest; readonly seconds: number}
  | {readonly kind: 'restored'; readonly artifact: ArtifactDigest}
  | {readonly kind: 'failed'; readonly error: BuildError}
  | {readonly kind: 'blocked'; readonly by: StageId}
  | {readonly kind: 'cancelled'};

/** Something that happens during a build. A reporter decides how it looks. */
export type BuildEvent =
  | {readonly type: 'build-started'; readonly stages: number}
  | {readonly type: 'notice'; readonly message: string}
  | {readonly type: 'fetch'; readonly event: FetchEvent}
  | {readonly type: 'stage-started'; readonly stage: StageId; readonly key: StageKey}
  /** Bytes that a running stage wrote, not split at lines; its log has all of them. */
  | {
      readonly type: 'stage-output';
      readonly stage: StageId;
      readonly chunk: Uint8Array | string;
    }
  | {readonly type: 'stage-finished'; readonly stage: StageId; readonly outcome: StageOutcome}
  /** Equal inputs gave different bytes than an earlier run: the stage is not reproducible. */
  | {
      readonly type: 'stage-differed';
      readonly stage: StageId;
      readonly earlier: ArtifactDigest;
      readonly now: ArtifactDigest;
    };

/** Receives events as they happen. Never throws into the build. */
export type EventListener = (event: BuildEvent) => void;
