import type {BuildEstimate} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';
import type {BuildGraph} from '../graph/graph.js';
import {wallSeconds} from '../scheduler/wall-time.js';
import type {Store} from '../store/store.js';
import {prospectsOf} from './prospects.js';

/**
 * How long the stages that are not in the store will take, by the newest record of each; `undefined` if none of them
 * ever ran here. A stage whose inputs are built first counts, though it is restored if they turn out unchanged.
 */
export async function estimate(
  graph: BuildGraph,
  store: Store,
  slots: number,
): Promise<BuildEstimate | undefined> {
  const prospects = await prospectsOf(graph, store);
  const seconds = new Map<StageId, number>();
  let isComplete = true;
  for (const [id, {kind}] of prospects) {
    if (kind === 'restore') continue;
    const record = await store.findNewest(id);
    if (record === undefined) isComplete = false;
    else seconds.set(id, record.seconds);
  }
  if (seconds.size === 0) return undefined;
  const total = wallSeconds(graph, seconds, slots);
  return {seconds: total, isComplete, stages: Object.fromEntries(seconds)};
}
