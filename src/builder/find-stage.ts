import {InputError, InternalError} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import type {StageId} from '../core/stage-id.js';
import type {SourceSet} from '../core/target.js';
import type {Variant} from '../core/variant.js';
import {didYouMean} from '../data/nearest.js';
import {subgraph} from '../graph/graph.js';
import type {Stage} from '../graph/stage.js';
import type {Plan} from '../stages/plan.js';
import type {Project} from '../stages/project.js';
import {testOf} from '../stages/names.js';
import {pythonsOf, reasonAgainst} from '../stages/pythons.js';
import {makePlan, variantOf} from './make-plan.js';
import type {StagesPlan} from './mark-plan.js';
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
  const found = matching(name.split('/'), stages);
  // `zlib` is the library, not its test.
  const libraries = found.filter(
    (stage) => testOf(stage) !== stage && found.includes(testOf(stage)),
  );
  return libraries.length === 1 && found.length === 2 ? libraries : found;
}

function matching(wanted: readonly string[], stages: readonly StageId[]): readonly StageId[] {
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
  const {plan, stages} = findStages([name], project, options, sourceSet);
  const [id = ''] = stages;
  const stage = plan.graph.stages.get(id);
  // A library that no distribution links belongs to all of them.
  const variant = variantOf(plan, id) ?? plan.distributions[0]?.variant;
  if (stage === undefined || variant === undefined) throw new InternalError(`no stage ${id}`);
  return {plan, stage, variant};
}

/** The part of a plan that makes stages: these, the tests of libraries among them, and what they need. */
export function planOfStages(
  names: readonly string[],
  project: Project,
  options: CommonOptions,
  sourceSet: SourceSet,
): StagesPlan & {readonly named: ReadonlySet<StageId>} {
  const {plan, stages} = findStages(names, project, options, sourceSet);
  const requested = [...new Set([...stages, ...stages.map(testOf)])].filter((id) =>
    plan.graph.stages.has(id),
  );
  const graph = subgraph(plan.graph, requested);
  return {...plan, graph, profiles: [], requested, named: new Set(stages)};
}

/** The same for several stages, which one plan contains. Libraries count that no module links. */
export function findStages(
  names: readonly string[],
  project: Project,
  options: CommonOptions,
  sourceSet: SourceSet,
): {readonly plan: Plan; readonly stages: readonly StageId[]} {
  const planOf = (more: Partial<CommonOptions>): Plan =>
    makePlan(project, {...options, ...more}, sourceSet, 'all');
  const usual = planOf({});
  const countIn = ({graph}: Plan, name: string): number =>
    candidates(name, [...graph.stages.keys()]).length;
  let plan = usual;
  if (options.python === undefined && names.some((name) => countIn(usual, name) === 0)) {
    for (const python of pythonsOf(project)) {
      if (reasonAgainst(python, sourceSet) !== undefined) continue;
      const other = planOf({python: python.series});
      if (!names.every((name) => countIn(other, name) === 1)) continue;
      plan = other;
      break;
    }
  }
  const ids = [...plan.graph.stages.keys()];
  return {plan, stages: names.map((name) => matchStage(name, ids))};
}
