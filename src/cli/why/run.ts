import type {ArtifactDigest} from '../../core/digest.js';
import {InternalError} from '../../core/errors.js';
import {stageKeys} from '../../graph/key.js';
import type {Stage} from '../../graph/stage.js';
import type {Plan} from '../../stages/plan.js';
import type {DiskStore} from '../../store/disk-store.js';
import {explain, type StageCause} from '../../builder/explain.js';
import {findStage} from '../../builder/find-stage.js';
import {markName} from '../../builder/mark-plan.js';
import {openPlanning} from '../../builder/open-planning.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {logOf} from '../../store/stage-logs.js';
import {print, printJson} from '../print.js';
import {prospectsOf} from '../../builder/prospects.js';
import {withDiff} from '../../builder/shown-changes.js';
import {causeAsJson, describeRestored, describeCauses, type ShownCause} from './text.js';

/** Prints why a stage would run, or that it would be restored. Nothing runs and nothing is fetched. */
export async function runWhy(
  name: string,
  options: CommonOptions & JsonOption,
  signal: AbortSignal,
): Promise<void> {
  const {project, store, sourceSet} = await openPlanning(options, signal, 'refuse');
  const {plan, stage, variant} = findStage(name, project, options, sourceSet);
  const prospects = await prospectsOf(plan.graph, store);
  const prospect = prospects.get(stage.id);
  if (prospect === undefined) throw new InternalError(`${stage.id} has no prospect`);
  if (prospect.kind === 'restore') {
    await tellRestored(stage, plan, prospect.artifact, {store, options});
    return;
  }
  const mark = await store.findMark(markName(variant, options));
  const found = await explain(stage, {graph: plan.graph, prospects, store, mark});
  const causes = await Promise.all(
    found.map((cause) => readable(cause, plan.graph.stages.get(cause.stage), store)),
  );
  if (options.json === true) {
    const {kind} = prospect;
    printJson({...describeStage(stage, plan), prospect: kind, causes: causes.map(causeAsJson)});
  } else {
    print(`${describeCauses(stage.id, prospect.kind, causes)}\n`);
  }
}

async function tellRestored(
  stage: Stage,
  plan: Plan,
  artifact: ArtifactDigest,
  {store, options}: {readonly store: DiskStore; readonly options: JsonOption},
): Promise<void> {
  if (options.json === true) {
    printJson({...describeStage(stage, plan), prospect: 'restore', artifact, causes: []});
    return;
  }
  const records = await store.recordsOf(stage.id);
  const record = records.find((one) => one.artifact === artifact);
  const log = record && (await logOf(store.layout, stage.id, record.log));
  print(`${describeRestored(stage.id, artifact, record, log?.reason)}\n`);
}

function describeStage(stage: Stage, {graph}: Plan): object {
  return {stage: stage.id, key: stageKeys(graph).get(stage.id)};
}

async function readable(
  cause: StageCause,
  stage: Stage | undefined,
  store: DiskStore,
): Promise<ShownCause> {
  const changes = cause.changes.map((change) => withDiff(change, {stage, store}));
  return {...cause, changes: await Promise.all(changes)};
}
