import {InputError, InternalError} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import type {StageId} from '../core/stage-id.js';
import type {SourceSet} from '../core/target.js';
import type {Variant} from '../core/variant.js';
import {didYouMean} from '../data/nearest.js';
import type {Stage} from '../graph/stage.js';
import type {Plan} from '../stages/plan.js';
import type {Project} from '../stages/project.js';
import {pythonsOf} from '../stages/pythons.js';
import {makePlan, variantOf} from './make-plan.js';
import type {CommonOptions} from './options.js';

/**
 * Finds a stage by its id, or by parts of it that no other stage has: `zlib` for
 * `dependency/zlib/x86_64-unknown-linux-gnu.2.17`.
 * @throws InputError with the stages that match, or the names that are near.
 */
export function matchStage(name: string, stages: readonly StageId[]): StageId {
  const found = candidates(name, stages);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  throw new InputError([
    found.length > 1
      ? `"${name}" matches several stages; name one:\n${list(found)}`
      : `unknown stage "${name}".${didYouMean(name, namesOf(stages))}\nNext: ${ownCommand('plan')} lists the stages.`,
  ]);
}

/** What a user may have meant by a name: whole ids, their short names, and the folders of both. */
function namesOf(stages: readonly StageId[]): readonly string[] {
  const short = stages.map((stage) => shortStageName(stage, stages));
  return [...short.flatMap((name) => [name, ...name.split('/')]), ...stages];
}

/**
 * The stages that match a name, by the strictest rule that matches any: the whole id; some of its folders, as in
 * `distribution/full`; some words of some of its folders, as in `cpython/3.13-debug`.
 */
function candidates(name: string, stages: readonly StageId[]): readonly StageId[] {
  if (stages.includes(name)) return [name];
  const wanted = name.split('/');
  const inFolders = stages.filter((stage) => isPart(wanted, stage.split('/'), (a, b) => a === b));
  if (inFolders.length > 0) return inFolders;
  return stages.filter((stage) => isPart(wanted, stage.split('/'), hasWords));
}

function hasWords(wanted: string, folder: string): boolean {
  // A triple matches with any floor after it.
  const isSame = (word: string, part: string): boolean =>
    part === word || part.startsWith(`${word}.`);
  return isPart(wanted.split(/[-+]/), folder.split(/[-+]/), isSame);
}

/** Whether `whole` contains all of `wanted` in this order, possibly with other elements in between. */
function isPart(
  wanted: readonly string[],
  whole: readonly string[],
  isSame: (wanted: string, part: string) => boolean,
): boolean {
  let found = 0;
  for (const part of whole) {
    const next = wanted[found];
    if (next !== undefined && isSame(next, part)) found += 1;
  }
  return found === wanted.length;
}

/** The shortest of a few names that `matchStage` finds a stage by: `dependency/zlib`, `distribution/full`, its id. */
export function shortStageName(stage: StageId, stages: readonly StageId[]): string {
  const [kind = '', ...folders] = stage.split('/');
  const names = [folders.slice(0, 1), folders.slice(-1)].map((parts) => [kind, ...parts].join('/'));
  const isUnique = (name: string): boolean => {
    const found = candidates(name, stages);
    return found.length === 1 && found[0] === stage;
  };
  return names.filter(isUnique).sort((a, b) => a.length - b.length)[0] ?? stage;
}

function list(stages: readonly StageId[]): string {
  return stages.map((stage) => `  ${stage}`).join('\n');
}

/** A stage, a plan that has it, and the first variant there that needs it. */
export interface PlannedStage {
  readonly plan: Plan;
  readonly stage: Stage;
  readonly variant: Variant;
}

/** Finds a stage in the plan of the options; without a Python, in the first plan that contains it. */
export function findStage(
  name: string,
  project: Project,
  options: CommonOptions,
  sourceSet: SourceSet,
): PlannedStage {
  const usual = makePlan(project, options, sourceSet);
  const ids = [...usual.graph.stages.keys()];
  if (options.python === undefined && candidates(name, ids).length === 0) {
    for (const {series} of pythonsOf(project)) {
      const plan = makePlan(project, {...options, python: series}, sourceSet);
      const [id, ...others] = candidates(name, [...plan.graph.stages.keys()]);
      if (id !== undefined && others.length === 0) return plannedStage(plan, id);
    }
  }
  return plannedStage(usual, matchStage(name, ids));
}

function plannedStage(plan: Plan, id: StageId): PlannedStage {
  const stage = plan.graph.stages.get(id);
  const variant = variantOf(plan, id);
  if (stage === undefined || variant === undefined) throw new InternalError(`no stage ${id}`);
  return {plan, stage, variant};
}
