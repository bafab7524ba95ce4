import type {GenericSchema} from 'valibot';
import type {ArtifactDigest, JsonValue} from './digest.js';
import {InternalError, type Diagnostic} from './errors.js';
import type {Tree} from './tree-file.js';

/** What a host function works with. It may write below `outputPath` and nowhere else. */
export interface HostFunctionContext {
  /** Pinned downloads by file name: absolute host paths, read-only. */
  readonly sources: ReadonlyMap<string, string>;
  /** Input artifacts by the name the stage gave them: absolute host paths, read-only. */
  readonly inputs: ReadonlyMap<string, string>;
  /** The digests of the input artifacts, by the same names. */
  readonly digests: ReadonlyMap<string, ArtifactDigest>;
  /** An empty directory that becomes the artifact. */
  readonly outputPath: string;
  /** Where the project defines what the parameters name: for messages alone. */
  readonly places?: ReadonlyMap<string, Omit<Diagnostic, 'message'>>;
  /** Writes a line to the stage's log. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * A stage's work done by a function of ours. The planner makes stages of it (`hostStage`), the scheduler runs it: `name`,
 * `revision` and the parameters are part of the stage's key.
 */
export interface HostFunction<Parameters extends JsonValue = JsonValue> {
  readonly name: string;
  /** Equal inputs give equal output bytes; raised when they do not. */
  readonly revision: number;
  /** Checks the parameters and does the work. */
  run(parameters: Parameters, context: HostFunctionContext): Promise<void>;
}

/** What is needed only where a host function runs. */
export interface HostFunctionBody<Parameters extends JsonValue, Model> {
  /** Makes of the stage's JSON what `run` works with. */
  readonly schema: GenericSchema<Parameters, Model>;
  readonly run: (parameters: Model, context: HostFunctionContext) => Promise<void>;
}

/** Defines a host function. `load` imports its body: planning needs none of that code. */
export function defineHostFunction<Parameters extends JsonValue, Model>(definition: {
  readonly name: string;
  readonly revision: number;
  readonly load: () => Promise<HostFunctionBody<Parameters, Model>>;
}): HostFunction<Parameters> {
  const {name, revision, load} = definition;
  return {
    name,
    revision,
    async run(parameters, context) {
      const {schema, run} = await load();
      const checked = await schema['~standard'].validate(parameters);
      if (checked.issues !== undefined) {
        const [first] = checked.issues;
        const steps =
          first?.path?.map((step) => (typeof step === 'object' ? step.key : step)) ?? [];
        throw new InternalError(
          `parameters of ${name}: ${steps.map(String).join('.')}: ${first?.message ?? ''}`,
        );
      }
      await run(checked.value, context);
    },
  };
}

/** An input artifact that the stage's plan must have named. Its files are read by `core/tree-file.ts` only. */
export function inputTree(context: HostFunctionContext, name: string): Tree {
  const hostPath = context.inputs.get(name);
  if (hostPath === undefined) throw new InternalError(`the input ${name} was not handed over`);
  return {hostPath, name};
}
