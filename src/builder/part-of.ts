import {subgraph, type BuildGraph} from '../graph/graph.js';
import {matchStage} from './find-stage.js';

/** The named stages of a graph and everything that they need. */
export function partOf(graph: BuildGraph, names: readonly string[]): BuildGraph {
  const ids = [...graph.stages.keys()];
  return subgraph(
    graph,
    names.map((name) => matchStage(name, ids)),
  );
}
