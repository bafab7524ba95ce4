import type {StageId} from '../core/stage-id.js';
import type {BuildGraph} from '../graph/graph.js';
import {inputStages} from '../graph/stage.js';

/**
 * The seconds that a walk over the graph takes if each stage takes as long as told and at most `slots` run at once.
 * Stages that are not in `seconds` take no time.
 */
export function wallSeconds(
  graph: BuildGraph,
  seconds: ReadonlyMap<StageId, number>,
  slots: number,
): number {
  const ends = new Map<StageId, number>();
  const free = Array.from({length: slots}, () => 0);
  const waiting = new Set(graph.stages.values());
  while (waiting.size > 0) {
    // The one that is ready first takes the slot that is free first.
    const ready = [...waiting]
      .filter((stage) => inputStages(stage).every((id) => ends.has(id)))
      .map((stage) => ({
        stage,
        readyAt: Math.max(0, ...inputStages(stage).map((id) => ends.get(id) ?? 0)),
      }));
    const next = ready.reduce((best, one) => (one.readyAt < best.readyAt ? one : best));
    waiting.delete(next.stage);
    const own = seconds.get(next.stage.id) ?? 0;
    const slot = free.indexOf(Math.min(...free));
    const start = own === 0 ? next.readyAt : Math.max(next.readyAt, free[slot] ?? 0);
    ends.set(next.stage.id, start + own);
    if (own > 0) free[slot] = start + own;
  }
  return Math.max(0, ...ends.values());
}
