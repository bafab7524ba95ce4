import type {StageId} from '../core/stage-id.js';
import type {BuildGraph} from '../graph/graph.js';
import {inputStages} from '../graph/stage.js';

/**
 * How urgent each stage is: the bytes of the sources along the longest path from it to the end of the build. The size
 * of a source is a fair estimate of its build time and is known in advance.
 */
export function priorities(graph: BuildGraph): ReadonlyMap<StageId, number> {
  const urgency = new Map<StageId, number>();
  // Dependents first: the graph lists every stage after its inputs.
  for (const stage of [...graph.stages.values()].reverse()) {
    const own = stage.sources.reduce((total, source) => total + source.sizeBytes, 0);
    const total = own + (urgency.get(stage.id) ?? 0);
    urgency.set(stage.id, total);
    for (const input of inputStages(stage)) {
      urgency.set(input, Math.max(urgency.get(input) ?? 0, total));
    }
  }
  return urgency;
}
