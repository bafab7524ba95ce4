import type {ArtifactDigest} from '../core/digest.js';
import {InternalError} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {BuildGraph} from '../graph/graph.js';
import {resolve} from '../graph/key.js';
import {inputStages, type Stage} from '../graph/stage.js';
import type {Store} from '../store/store.js';

/**
 * What a build would do with a stage: restore it, run it, or unknown because an input is rebuilt first and may give the
 * same bytes.
 */
export type Prospect =
  | {readonly kind: 'restore'; readonly artifact: ArtifactDigest}
  | {readonly kind: 'run'}
  | {readonly kind: 'unknown'};

/** The prospect of every stage, in the graph's order. Nothing runs. */
export async function prospectsOf(
  graph: BuildGraph,
  store: Store,
): Promise<ReadonlyMap<StageId, Prospect>> {
  const prospects = new Map<StageId, Prospect>();
  for (const stage of graph.stages.values()) {
    const isResolved = inputStages(stage).every((id) => prospects.get(id)?.kind === 'restore');
    const artifact = isResolved ? await storedArtifact(stage, prospects, store) : undefined;
    if (artifact !== undefined) {
      prospects.set(stage.id, {kind: 'restore', artifact});
      continue;
    }
    const hasRunBefore = (await store.findNewest(stage.id)) !== undefined;
    prospects.set(stage.id, {kind: isResolved || !hasRunBefore ? 'run' : 'unknown'});
  }
  return prospects;
}

/** The artifact that a build would restore, if known. */
export function restorable(prospect: Prospect | undefined): ArtifactDigest | undefined {
  return prospect?.kind === 'restore' ? prospect.artifact : undefined;
}

async function storedArtifact(
  stage: Stage,
  prospects: ReadonlyMap<StageId, Prospect>,
  store: Store,
): Promise<ArtifactDigest | undefined> {
  const digestOf = (id: StageId): ArtifactDigest => {
    const digest = restorable(prospects.get(id));
    if (digest === undefined) throw new InternalError(`${id} is no input of ${stage.id}`);
    return digest;
  };
  const record = await store.findByResolvedKey(resolve(stage, digestOf).key);
  if (record === undefined || !(await store.hasArtifact(record.artifact))) return undefined;
  return record.artifact;
}
