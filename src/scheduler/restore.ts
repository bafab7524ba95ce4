import type {ArtifactDigest, ResolvedKey, StageKey} from '../core/digest.js';
import {inputNames, type KeyInputs} from '../graph/key.js';
import type {Stage} from '../graph/stage.js';
import {unlessReadOnly} from '../store/read-only.js';
import type {Store} from '../store/store.js';

/** A stage whose input artifacts are known. */
export interface ResolvedStage {
  readonly stage: Stage;
  readonly stageKey: StageKey;
  readonly key: ResolvedKey;
  readonly inputs: KeyInputs;
}

/**
 * Finds the artifact of a stage in the store. The stage key alone is not enough: an input may have been rebuilt with
 * different bytes, so a record is valid only for the same resolved inputs. A record found by its resolved key is also
 * stored under this stage key, so that a change without effect ends here.
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
    const record = {
      ...equal,
      stage: resolved.stage.id,
      stageKey: resolved.stageKey,
      inputNames: inputNames(resolved.stage),
    };
    await unlessReadOnly(
      () => store.record(record),
      () => undefined,
    );
    return equal.artifact;
  });
}

/**
 * Stores the record of a run.
 * @returns the artifact of an earlier run with equal inputs, if any.
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
