import type {ArtifactDigest, JsonValue} from './digest.js';
import type {StageId} from './stage-id.js';

/** A changed input of a stage. `undefined` means that it did not exist. */
export type InputChange =
  /** `from` and `to` are digests of the texts. */
  | {readonly field: 'script'; readonly from: string; readonly to: string}
  | {readonly field: 'file'; readonly name: string; readonly from?: string; readonly to?: string}
  /** Downloads by file name; `from` and `to` are sha256. */
  | {readonly field: 'source'; readonly name: string; readonly from?: string; readonly to?: string}
  | {
      readonly field: 'environment';
      readonly name: string;
      readonly from?: string;
      readonly to?: string;
    }
  /** The parameters of a host function; a reason that is kept has only their diff. */
  | {readonly field: 'parameters'; readonly from?: JsonValue; readonly to?: JsonValue}
  | {
      readonly field: 'kind' | 'format' | 'function' | 'revision';
      readonly from: JsonValue;
      readonly to: JsonValue;
    }
  /** The artifact of an input stage; `place` is where it is mounted, or the function's name for it. */
  | {
      readonly field: 'input';
      readonly stage: StageId;
      readonly place: string;
      readonly from?: string;
      readonly to?: string;
    }
  | {
      readonly field: 'order';
      readonly place: string;
      readonly from: readonly StageId[];
      readonly to: readonly StageId[];
    };

/** A change with what of it can be shown: lines that begin with `-`, `+`, a space or `@@`. */
export type ShownChange = InputChange & {readonly diff?: readonly string[]};

/** An earlier run of a stage, which another one is compared with. */
export interface EarlierRun {
  /** Ends in `Z`. */
  readonly started: string;
  readonly artifact: ArtifactDigest;
  /** Absolute. */
  readonly log: string;
}

/** Why a stage ran. */
export interface RunReason {
  /** `undefined` if it was never built in this store. */
  readonly earlier?: EarlierRun;
  /** What of its inputs differs from those of that run. If nothing does, its artifact was not in the store any more. */
  readonly changes: readonly ShownChange[];
}
