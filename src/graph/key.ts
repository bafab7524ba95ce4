import {
  resolvedKeyOf,
  sha256,
  stageKeyOf,
  type ArtifactDigest,
  type JsonValue,
  type ResolvedKey,
  type StageKey,
} from '../core/digest.js';
import {InternalError} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {BuildGraph} from './graph.js';
import type {Stage} from './stage.js';

/** Raise when the meaning of any key input changes: every stage then gets a new key. */
export const keyFormat = 1;

/** Everything that decides a stage's output, with each input stage mapped by `input`. */
export type KeyInputs = Readonly<Record<string, JsonValue>>;

/** The key inputs of a stage. `input` maps an input stage to its stage key or its artifact digest. */
export function keyInputs(stage: Stage, input: (id: StageId) => string): KeyInputs {
  const sources = Object.fromEntries(
    stage.sources.map((source) => [source.fileName, source.sha256]),
  );
  switch (stage.kind) {
    case 'sandbox':
      return {
        format: keyFormat,
        kind: stage.kind,
        rootfs: input(stage.rootfs),
        // The order of mounts, and of artifacts within a mount, is part of the key, because a script may see it.
        mounts: stage.mounts.map((mount) => ({
          path: mount.guestPath,
          artifacts: mount.stages.map(input),
        })),
        sources,
        files: Object.fromEntries(
          Object.entries(stage.files).map(([name, text]) => [name, sha256(text)]),
        ),
        environment: stage.environment,
        script: sha256(stage.script),
      };
    case 'host':
      return {
        format: keyFormat,
        kind: stage.kind,
        function: stage.function.name,
        revision: stage.function.revision,
        parameters: stage.parameters,
        sources,
        inputs: Object.fromEntries(
          Object.entries(stage.inputs).map(([name, id]) => [name, input(id)]),
        ),
      };
  }
}

/** The positions of input stages in a stage's key, with their names, to interpret the digests of a record. */
export function inputNames(stage: Stage): KeyInputs {
  const {rootfs, mounts, inputs} = keyInputs(stage, (id) => id);
  return stage.kind === 'sandbox'
    ? {rootfs: rootfs ?? '', mounts: mounts ?? []}
    : {inputs: inputs ?? {}};
}

/** Computes the stage key of every stage, before anything runs. */
export function stageKeys(graph: BuildGraph): ReadonlyMap<StageId, StageKey> {
  const keys = new Map<StageId, StageKey>();
  const keyOf = (id: StageId): StageKey => {
    const key = keys.get(id);
    if (key === undefined) throw new InternalError(`no key yet for stage ${id}`);
    return key;
  };
  for (const stage of graph.stages.values())
    keys.set(stage.id, stageKeyOf(keyInputs(stage, keyOf)));
  return keys;
}

/** The resolved key of a stage, and its inputs, once all input artifacts are known. */
export function resolve(
  stage: Stage,
  digestOf: (id: StageId) => ArtifactDigest,
): {readonly key: ResolvedKey; readonly inputs: KeyInputs} {
  const inputs = keyInputs(stage, digestOf);
  return {key: resolvedKeyOf(inputs), inputs};
}
