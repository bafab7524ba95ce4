import {valueOrThrow} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import {inputStages, type Stage} from '../graph/stage.js';
import {matchStage} from './find-stage.js';

/** The named stages of a graph with all that they need. */
export function partOf({stages}: BuildGraph, names: readonly string[]): BuildGraph {
  const wanted = new Map<StageId, Stage>();
  const add = (id: StageId): void => {
    const stage = stages.get(id);
    if (stage === undefined) return;
    for (const input of inputStages(stage)) add(input);
    wanted.set(id, stage);
  };
  for (const name of names) add(matchStage(name, [...stages.keys()]));
  return valueOrThrow(buildGraph([...wanted.values()]));
}
