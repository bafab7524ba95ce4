import {InputError} from '../core/errors.js';
import type {SourceSet} from '../core/target.js';
import type {StageId} from '../core/stage-id.js';
import type {Stage} from '../graph/stage.js';
import type {Plan} from '../stages/plan.js';
import type {Project} from '../stages/project.js';
import {pythonsOf} from '../stages/pythons.js';
import {makePlan} from './make-plan.js';
import type {CommonOptions} from './options.js';

/**
 * The stage that a person means: by its whole name, or by a part of it that no other stage has, as `zlib` for
 * `dependency/zlib`.
 * @throws InputError with the names that there are.
 */
export function matchStage(name: string, stages: readonly StageId[]): StageId {
  const found = candidates(name, stages);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw new InputError([
    found.length > 1
      ? `"${name}" may be any of these stages; name one:\n${list(found)}`
      : `there is no stage "${name}". Wanted one of:\n${list(stages)}`,
  ]);
}

function candidates(name: string, stages: readonly StageId[]): readonly StageId[] {
  if (stages.includes(name)) return [name];
  return stages.filter((stage) => stage.split('/').includes(name));
}

function list(stages: readonly StageId[]): string {
  return stages.map((stage) => `  ${stage}`).join('\n');
}

/** A stage and a plan that has it. */
export interface PlannedStage {
  readonly plan: Plan;
  readonly stage: Stage;
}

/** Finds a stage in the plan that the options ask for; without a Python, in the first plan of any that has it. */
export function findStage(
  name: string,
  project: Project,
  options: CommonOptions,
  sourceSet: SourceSet,
): PlannedStage {
  const usual = makePlan(project, undefined, options, sourceSet);
  const ids = [...usual.graph.stages.keys()];
  if (options.python === undefined && candidates(name, ids).length === 0) {
    for (const {series} of pythonsOf(project, sourceSet)) {
      const plan = makePlan(project, series, options, sourceSet);
      const [id, ...others] = candidates(name, [...plan.graph.stages.keys()]);
      const stage = plan.graph.stages.get(id ?? '');
      if (stage !== undefined && others.length === 0) return {plan, stage};
    }
  }
  const stage = usual.graph.stages.get(matchStage(name, ids));
  if (stage === undefined) throw new InputError([`there is no stage "${name}"`]);
  return {plan: usual, stage};
}
