import {ownCommand} from '../../core/own-command.js';
import type {Source} from '../../core/source.js';
import type {Plan} from '../../stages/plan.js';
import {DiskStore} from '../../store/disk-store.js';
import {findStage} from '../../builder/find-stage.js';
import {makePlan} from '../../builder/make-plan.js';
import {NotInStoreError} from '../../builder/not-in-store.js';
import {openPlanning} from '../../builder/open-planning.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {printJson, printPath} from '../print.js';
import {prospectsOf} from '../../builder/prospects.js';
import {rerunOptions} from '../../builder/rerun-options.js';

/** Prints the path of the store, or of a stage's artifact or a source in it. */
export async function runStorePath(
  what: string | undefined,
  options: CommonOptions & JsonOption,
  signal: AbortSignal,
): Promise<void> {
  const path =
    what === undefined
      ? (await DiskStore.openPresent(options.store)).root
      : await find(what, options, signal);
  if (options.json === true) printJson({...(what !== undefined && {what}), path});
  else printPath(path);
}

async function find(what: string, options: CommonOptions, signal: AbortSignal): Promise<string> {
  const {project, store, sourceSet} = await openPlanning(options, signal, 'refuse');
  const source = sourceOf(what, makePlan(project, options, sourceSet));
  if (source !== undefined) {
    if (await store.sources.has(source)) return store.sources.pathOf(source.sha256);
    throw missing(`the source ${source.fileName}`, `fetch${rerunOptions(options).plan}`);
  }
  const {plan, stage, variant} = findStage(what, project, options, sourceSet);
  const prospect = (await prospectsOf(plan.graph, store)).get(stage.id);
  if (prospect?.kind === 'restore') return store.materialise(prospect.artifact);
  throw missing(
    `an artifact of ${stage.id}, as it is planned now,`,
    `why ${stage.id}${rerunOptions(options, variant).plan}`,
  );
}

/** Finds a source of a plan by file name or sha256. */
function sourceOf(what: string, {graph}: Plan): Source | undefined {
  const sources = [...graph.stages.values()].flatMap((stage) => stage.sources);
  return sources.find(({fileName, sha256}) => fileName === what || sha256 === what);
}

function missing(what: string, next: string): NotInStoreError {
  return new NotInStoreError(`${what} is not in the store.\nNext: ${ownCommand(next)}`);
}
