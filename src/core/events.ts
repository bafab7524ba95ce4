import type {ArtifactDigest, Sha256, StageKey} from './digest.js';
import type {BuildError} from './errors.js';
import type {RunReason} from './run-reason.js';
import type {FetchEvent} from './source-store.js';
import type {StageId} from './stage-id.js';

/** How a stage ended. */
export type StageOutcome =
  | {readonly kind: 'built'; readonly artifact: ArtifactDigest; readonly seconds: number}
  | {readonly kind: 'restored'; readonly artifact: ArtifactDigest}
  | {readonly kind: 'failed'; readonly error: BuildError}
  | {readonly kind: 'blocked'; readonly by: StageId}
  | {readonly kind: 'cancelled'};

/**
 * How a stage ended in a command that walks its graph again: the second walk finds what the first one built.
 * @param before how it ended in the walks before; `undefined` if there were none.
 */
export function laterOutcome(before: StageOutcome | undefined, now: StageOutcome): StageOutcome {
  const wasBuilt = before?.kind === 'built' && now.kind === 'restored';
  return wasBuilt ? {...before, artifact: now.artifact} : now;
}

/** How long a walk over a graph will take, by earlier runs of its stages. */
export interface BuildEstimate {
  /** Wall-clock seconds in all. */
  readonly seconds: number;
  /** False if a stage that will run never ran before: it counts as nothing. */
  readonly isComplete: boolean;
  /** The seconds of each stage that will run, as its last run took. */
  readonly stages: Readonly<Record<StageId, number>>;
}

/** An archive in the output folder. */
export interface DeliveredArchive {
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/** A stage that was asked for by name, with what its last run left. */
export interface BuiltStage {
  readonly stage: StageId;
  /** Its tree in the store: absolute. */
  readonly path: string;
  /** The log of the run that made it: absolute. */
  readonly log: string;
}

/** Something that happens during a build. A reporter decides how it looks. */
export type BuildEvent =
  | {readonly type: 'build-started'; readonly stages: number}
  /** Once per walk, before the first stage runs; not at all if none of its stages ever ran before. */
  | ({readonly type: 'build-estimated'} & BuildEstimate)
  | {readonly type: 'notice'; readonly message: string}
  | {readonly type: 'fetch'; readonly event: FetchEvent}
  | {
      readonly type: 'stage-started';
      readonly stage: StageId;
      readonly key: StageKey;
      /** Absolute path of its log. */
      readonly log: string;
      readonly reason?: RunReason;
    }
  /** A running stage begins a phase, as its output says. */
  | {
      readonly type: 'stage-phase';
      readonly stage: StageId;
      /** Safe for a terminal. */
      readonly phase: string;
      /** How many lines of output the phase will have, roughly. */
      readonly expectedLines?: number;
    }
  /** Bytes that a running stage wrote, not split at lines; its log has all of them. */
  | {
      readonly type: 'stage-output';
      readonly stage: StageId;
      readonly chunk: Uint8Array | string;
      /** How many lines the phase has so far, an unfinished one included; without phases, the stage. */
      readonly phaseLines: number;
    }
  | {readonly type: 'stage-finished'; readonly stage: StageId; readonly outcome: StageOutcome}
  /** Equal inputs gave different bytes than an earlier run: the stage is not reproducible. */
  | {
      readonly type: 'stage-differed';
      readonly stage: StageId;
      readonly earlier: ArtifactDigest;
      readonly now: ArtifactDigest;
    }
  /** The last event of a command that ran stages and succeeded. */
  | {
      readonly type: 'build-finished';
      /** How many stages ran, and how many were in the store. */
      readonly built: number;
      readonly restored: number;
      readonly seconds: number;
      readonly archives: readonly DeliveredArchive[];
      /** If stages were asked for by name. */
      readonly stages?: readonly BuiltStage[];
    };

/** Receives events as they happen. Never throws into the build. */
export type EventListener = (event: BuildEvent) => void;
