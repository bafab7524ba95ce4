import type {ArtifactDigest} from '../../core/digest.js';
import {InternalError} from '../../core/errors.js';
import type {InputChange} from '../../graph/compare-inputs.js';
import {stageKeys} from '../../graph/key.js';
import type {Stage} from '../../graph/stage.js';
import type {Plan} from '../../stages/plan.js';
import type {DiskStore} from '../../store/disk-store.js';
import {startOfLog} from '../../store/stage-logs.js';
import {explain, type StageCause} from '../../builder/explain.js';
import {findStage} from '../../builder/find-stage.js';
import {markName} from '../../builder/mark-plan.js';
import {openPlanning} from '../../builder/open-planning.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {print, printJson} from '../print.js';
import {prospectsOf} from '../../builder/prospects.js';
import {diffTexts, diffValues, diffWords} from './text-diff.js';
import {describeRestored, describeCauses} from './text.js';

/** A change with its diff: lines that begin with `-`, `+`, a space or `@@`. */
export type ShownChange = InputChange & {readonly diff?: readonly string[]};

/** A cause with readable changes. */
export interface ShownCause extends Omit<StageCause, 'changes'> {
  readonly changes: readonly ShownChange[];
}

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
  print(`${describeRestored(stage.id, artifact, record)}\n`);
}

function describeStage(stage: Stage, {graph}: Plan): object {
  return {stage: stage.id, key: stageKeys(graph).get(stage.id)};
}

function causeAsJson({earlier, ...cause}: ShownCause): object {
  if (earlier === undefined) return {...cause, earlier: null};
  const {artifact, log} = earlier;
  return {...cause, earlier: {started: startOfLog(log), artifact, log}};
}

async function readable(
  cause: StageCause,
  stage: Stage | undefined,
  store: DiskStore,
): Promise<ShownCause> {
  const changes = await Promise.all(
    cause.changes.map(async (change): Promise<ShownChange> => {
      const diff = await diffOf(change, stage, store);
      return diff === undefined ? change : {...change, diff};
    }),
  );
  return {...cause, changes};
}

/** The changed lines; `undefined` if there are none to show or the former text was not kept. */
async function diffOf(
  change: InputChange,
  stage: Stage | undefined,
  store: DiskStore,
): Promise<readonly string[] | undefined> {
  switch (change.field) {
    case 'script':
    case 'file': {
      if (stage?.kind !== 'sandbox' || change.from === undefined || change.to === undefined) {
        return undefined;
      }
      const from = await store.readText(change.from);
      const to = change.field === 'script' ? stage.script : stage.files[change.name];
      return from === undefined || to === undefined ? undefined : diffTexts(from, to);
    }
    case 'environment': {
      const {from = '', to = ''} = change;
      return diffWords(from, to);
    }
    case 'parameters':
      return diffValues(change.from, change.to);
    default:
      return undefined;
  }
}
