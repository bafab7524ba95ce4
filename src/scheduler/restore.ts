import type {ArtifactDigest, ResolvedKey, StageKey} from '../core/digest.js';
import {inputNames, type KeyInputs} from '../graph/key.js';
import type {Stage} from '../graph/stage.js';
import type {Store} from '../store/store.js';

/** A stage whose input artifacts are known. */
export interface ResolvedStage {
  readonly stage: Stage;
  readonly stageKey: StageKey;
  readonly key: ResolvedKey;
  readonly inputs: KeyInputs;
}

/**
 * The artifact that the store has for a stage. Its stage key alone does not decide: an input may have been built again
 * with other bytes, so a record counts only for the same resolved inputs. A record found by its resolved key alone is
 * also kept under this stage key: a script line without effect ends here.
 */
export async function findStored(
  resolved: ResolvedStage,
  store: Store,
): Promise<ArtifactDigest | undefined> {
  const own = await store.findByStageKey(resolved.stageKey);
  if (own?.resolvedKey === resolved.key && (await store.hasArtifact(own.artifact))) {
    return own.artifact;
  }
  if ((await store.findByResolvedKey(resolved.key)) === undefined) return undefined;
  return store.withoutSweep(async () => {
    const equal = await store.findByResolvedKey(resolved.key);
    if (equal === undefined || !(await store.hasArtifact(equal.artifact))) return undefined;
    await store.record({
      ...equal,
      stage: resolved.stage.id,
      stageKey: resolved.stageKey,
      inputNames: inputNames(resolved.stage),
    });
    return equal.artifact;
  });
}

/**
 * Keeps the record of a run.
 * @returns the artifact that an earlier run of equal inputs made, if there is one.
 */
export async function keepRecord(
  resolved: ResolvedStage,
  run: {readonly artifact: ArtifactDigest; readonly seconds: number; readonly log: string},
  store: Store,
): Promise<ArtifactDigest | undefined> {
  const earlier = await store.findByResolvedKey(resolved.key);
  await store.record({
    stage: resolved.stage.id,
    stageKey: resolved.stageKey,
    resolvedKey: resolved.key,
    inputs: resolved.inputs,
    inputNames: inputNames(resolved.stage),
    ...run,
  });
  return earlier?.artifact;
}
