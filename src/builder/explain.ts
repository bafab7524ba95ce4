import type {JsonValue} from '../core/digest.js';
import type {StageId} from '../core/stage-id.js';
import type {EarlierRun, InputChange, RunReason} from '../core/run-reason.js';
import {
  artifactsByStage,
  compareInputs,
  pending,
  type NamedInputs,
} from '../graph/compare-inputs.js';
import type {BuildGraph} from '../graph/graph.js';
import {inputNames, keyInputs} from '../graph/key.js';
import {inputStages, type Stage} from '../graph/stage.js';
import type {ResolvedStage} from '../scheduler/restore.js';
import type {DiskStore} from '../store/disk-store.js';
import type {StageRecord} from '../store/store.js';
import type {StoredMark} from '../store/plan-marks.js';
import {startOfLog} from '../store/stage-logs.js';
import {restorable, type Prospect} from './prospects.js';
import {boundedDiff, withDiff} from './shown-changes.js';

/** The changes of a stage's own inputs since its earlier run. */
export interface StageCause {
  readonly stage: StageId;
  readonly prospect: Prospect['kind'];
  /** The run that it is compared with; `undefined` if it was never built in this store. */
  readonly earlier: EarlierRun | undefined;
  readonly changes: readonly InputChange[];
  /** The stages from this one to the requested one, both included. */
  readonly path: readonly StageId[];
}

/** What an explanation is based on. */
export interface ExplainContext {
  readonly graph: BuildGraph;
  readonly prospects: ReadonlyMap<StageId, Prospect>;
  readonly store: DiskStore;
  /** The mark of the last plan of the same kind, whose records are preferred for the comparison. */
  readonly mark: StoredMark | undefined;
}

/**
 * The causes that make `stage` differ from its earlier run, root causes first: its own changes, or those of stages
 * among its inputs. Empty if nothing differs.
 */
export async function explain(
  stage: Stage,
  context: ExplainContext,
): Promise<readonly StageCause[]> {
  const causes = new Map<StageId, StageCause>();
  /** Whether a stage has a cause, for every stage visited. */
  const explained = new Map<StageId, boolean>();

  const visit = async (
    current: Stage,
    earlier: StageRecord | undefined,
    way: readonly StageId[],
  ): Promise<boolean> => {
    const path = [current.id, ...way];
    const prospect = context.prospects.get(current.id)?.kind ?? 'unknown';
    if (earlier === undefined) {
      causes.set(current.id, {stage: current.id, prospect, earlier, changes: [], path});
      return true;
    }
    const changes = changesOf(current, earlier, context);
    const suspects = suspectsOf(current, changes, context);
    const used = artifactsByStage(namedInputs(current, earlier));
    for (const input of suspects) {
      if (explained.has(input.id)) continue;
      const before = await baseline(input.id, used.get(input.id), context);
      explained.set(input.id, await visit(input, before, path));
    }
    const own = changes.filter(
      (change) => !(change.field === 'input' && explained.get(change.stage) === true),
    );
    const isMissing = prospect === 'run' && changes.length === 0 && suspects.length === 0;
    if (own.length === 0 && !isMissing) return suspects.some(({id}) => explained.get(id) === true);
    const run = runOf(earlier);
    causes.set(current.id, {stage: current.id, prospect, earlier: run, changes: own, path});
    return true;
  };
  await visit(stage, await baseline(stage.id, undefined, context), []);
  return [...causes.values()];
}

/**
 * Why a stage that is about to run does so: what of its inputs differs from those of an earlier run.
 * @param marks the marks of the plans before this one, whose records are preferred for the comparison.
 */
export async function reasonOf(
  {stage, inputs}: ResolvedStage,
  {store, marks}: {readonly store: DiskStore; readonly marks: readonly StoredMark[]},
): Promise<RunReason> {
  const mark = marks.find(({stages}) => stages[stage.id] !== undefined);
  const earlier = await baseline(stage.id, undefined, {store, mark});
  if (earlier === undefined) return {changes: []};
  const changes = compareInputs(namedInputs(stage, earlier), {inputs, names: inputNames(stage)});
  const shown = await Promise.all(changes.map((change) => withDiff(change, {stage, store})));
  return {earlier: runOf(earlier), changes: shown.map(boundedDiff)};
}

function runOf({artifact, log}: StageRecord): EarlierRun {
  return {started: startOfLog(log), artifact, log};
}

/** The inputs whose bytes changed or may change. */
function suspectsOf(
  stage: Stage,
  changes: readonly InputChange[],
  {graph, prospects}: ExplainContext,
): readonly Stage[] {
  return inputStages(stage).flatMap((id) => {
    const hasChanged = changes.some((change) => change.field === 'input' && change.stage === id);
    const isOpen = prospects.get(id)?.kind !== 'restore';
    return hasChanged || isOpen ? (graph.stages.get(id) ?? []) : [];
  });
}

function changesOf(
  stage: Stage,
  earlier: StageRecord,
  {prospects}: ExplainContext,
): readonly InputChange[] {
  const names = inputNames(stage);
  const inputs = keyInputs(stage, (id) => restorable(prospects.get(id)) ?? pending);
  return compareInputs(namedInputs(stage, earlier), {inputs, names});
}

/** The inputs of an earlier run. Records of earlier versions have no names, so today's are used. */
function namedInputs(stage: Stage, earlier: StageRecord): NamedInputs {
  const names = earlier.inputNames;
  return {
    inputs: objectOf(earlier.inputs),
    names: names === undefined ? inputNames(stage) : objectOf(names),
  };
}

/** The record to compare a stage with: that of the run that made `artifact`, else of the last plan, else the newest. */
async function baseline(
  stage: StageId,
  artifact: string | undefined,
  {store, mark}: Pick<ExplainContext, 'store' | 'mark'>,
): Promise<StageRecord | undefined> {
  if (artifact !== undefined) {
    const records = await store.recordsOf(stage);
    const made = records.find((record) => record.artifact === artifact);
    if (made !== undefined) return made;
  }
  const key = mark?.stages[stage];
  const marked = key === undefined ? undefined : await store.findByStageKey(key);
  return marked ?? (await store.findNewest(stage));
}

function objectOf(value: JsonValue): Readonly<Record<string, JsonValue>> {
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, JsonValue>>) : {};
}
