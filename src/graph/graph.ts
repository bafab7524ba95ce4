import {failure, success, type Result} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import {inputStages, type Stage} from './stage.js';

/** The stages of a build, every stage after all of its inputs. */
export interface BuildGraph {
  readonly stages: ReadonlyMap<StageId, Stage>;
}

/**
 * Orders the stages. Mistakes: a duplicate id, two different files of one name in a stage, an unknown input, a cycle (with
 * its path).
 */
export function buildGraph(stages: readonly Stage[]): Result<BuildGraph> {
  const byId = new Map(stages.map((stage) => [stage.id, stage]));
  const problems: string[] = [];
  for (const stage of stages) {
    if (byId.get(stage.id) !== stage) problems.push(`two stages have the name ${stage.id}`);
    problems.push(...clashesIn(stage));
  }
  const ordered = new Map<StageId, Stage>();

  const visit = (id: StageId, path: readonly StageId[]): void => {
    if (ordered.has(id)) return;
    if (path.includes(id)) {
      problems.push(`cyclic dependency: ${[...path.slice(path.indexOf(id)), id].join(' -> ')}`);
      return;
    }
    const stage = byId.get(id);
    if (stage === undefined) {
      problems.push(`stage ${path.at(-1) ?? ''} needs ${id}, which no stage makes`);
      return;
    }
    for (const input of inputStages(stage)) visit(input, [...path, id]);
    ordered.set(id, stage);
  };
  for (const stage of stages) visit(stage.id, []);

  if (problems.length > 0) {
    return failure([...new Set(problems)].map((message) => ({file: 'build graph', message})));
  }
  return success({stages: ordered});
}

/** A stage sees its downloads and texts in one folder, by name. */
function clashesIn(stage: Stage): readonly string[] {
  const texts = stage.kind === 'sandbox' ? Object.keys(stage.files) : [];
  const seen = new Map(texts.map((name) => [name, 'a text of the project']));
  return stage.sources.flatMap(({fileName, sha256}) => {
    const earlier = seen.get(fileName);
    seen.set(fileName, sha256);
    if (earlier === undefined || earlier === sha256) return [];
    return `stage ${stage.id} has two files called ${fileName}: ${sha256} and ${earlier}`;
  });
}

/** The ids of some stages of a graph and everything that they need. */
export function closure({stages}: BuildGraph, ids: readonly StageId[]): ReadonlySet<StageId> {
  const found = new Set<StageId>();
  const visit = (id: StageId): void => {
    const stage = stages.get(id);
    if (stage === undefined || found.has(id)) return;
    found.add(id);
    inputStages(stage).forEach(visit);
  };
  ids.forEach(visit);
  return found;
}

/** Some stages of a graph and everything that they need, in the graph's order. */
export function subgraph(graph: BuildGraph, ids: readonly StageId[]): BuildGraph {
  const wanted = closure(graph, ids);
  return {stages: new Map([...graph.stages].filter(([id]) => wanted.has(id)))};
}
