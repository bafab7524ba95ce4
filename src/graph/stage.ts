import type {JsonValue} from '../core/digest.js';
import type {HostFunction, HostFunctionContext} from '../core/host-function.js';
import type {Source} from '../core/source.js';
import type {StageId} from '../core/stage-id.js';

/** Artifacts that a stage sees, read-only, as one tree at one place. */
export interface StageMount {
  readonly guestPath: string;
  /** If more than one, their union. Two artifacts that contain the same file are an error. */
  readonly stages: readonly StageId[];
}

/** Work done by a shell script in the sandbox. Everything but `id` and `isResumable` is part of the stage's key. */
export interface SandboxStage {
  readonly kind: 'sandbox';
  readonly id: StageId;
  /** The stage whose artifact is `/`. */
  readonly rootfs: StageId;
  readonly mounts: readonly StageMount[];
  /** Downloads, at `/src/<fileName>`. */
  readonly sources: readonly Source[];
  /** Texts below `/src` by relative path: patches, shared scripts. */
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Run by `/bin/sh` in `/build`. The content of `/out` becomes the artifact. */
  readonly script: string;
  /** The script resumes from the `/build` of an earlier run with the same inputs that was interrupted or failed. */
  readonly isResumable?: true;
}

/** Work done by a function of ours. Everything but `id` and `places` is part of the stage's key. */
export interface HostStage {
  readonly kind: 'host';
  readonly id: StageId;
  readonly function: HostFunction;
  readonly parameters: JsonValue;
  readonly sources: readonly Source[];
  /** Input artifacts by the function's name for them. */
  readonly inputs: Readonly<Record<string, StageId>>;
  /** Where the project defines what the parameters name: for messages alone. */
  readonly places?: NonNullable<HostFunctionContext['places']>;
}

/** A stage of a host function, with the parameters that the function takes. */
export function hostStage<Parameters extends JsonValue>(
  hostFunction: HostFunction<Parameters>,
  stage: Omit<HostStage, 'kind' | 'function' | 'parameters'> & {
    readonly parameters: NoInfer<Parameters>;
  },
): HostStage {
  return {kind: 'host', function: hostFunction, ...stage};
}

/** A node of the build graph: declared inputs in, one artifact out. */
export type Stage = SandboxStage | HostStage;

/** The stages whose artifacts a stage reads, each once, in a fixed order. */
export function inputStages(stage: Stage): readonly StageId[] {
  const ids =
    stage.kind === 'sandbox'
      ? [stage.rootfs, ...stage.mounts.flatMap((mount) => mount.stages)]
      : Object.values(stage.inputs);
  return [...new Set(ids)];
}
