import type {JsonValue} from '../core/digest.js';
import type {StageId} from '../core/stage-id.js';
import {
  artifactsByStage,
  compareInputs,
  pending,
  type InputChange,
  type NamedInputs,
} from '../graph/compare-inputs.js';
import type {BuildGraph} from '../graph/graph.js';
import {inputNames, keyInputs} from '../graph/key.js';
import {inputStages, type Stage} from '../graph/stage.js';
import type {DiskStore} from '../store/disk-store.js';
import type {StageRecord} from '../store/store.js';
import type {StoredMark} from '../store/plan-marks.js';
import {restorable, type Prospect} from './prospects.js';

/** Why a stage is not what it was, as far as the reason lies in itself. */
export interface StageCause {
  readonly stage: StageId;
  readonly prospect: Prospect['kind'];
  /** What it is compared with; `undefined` when it never ran in this store. */
  readonly earlier: StageRecord | undefined;
  readonly changes: readonly InputChange[];
  /** The stages from this one to the one that was asked about, both included. */
  readonly path: readonly StageId[];
}

/** What an explanation is drawn from. */
export interface ExplainContext {
  readonly graph: BuildGraph;
  readonly prospects: ReadonlyMap<StageId, Prospect>;
  readonly store: DiskStore;
  /** The mark of the last plan of the same kind: what was built then is compared with first. */
  readonly mark: StoredMark | undefined;
}

/**
 * What made `stage` differ from its earlier run, root causes first: itself, or some stage among its inputs. Empty when
 * nothing differs.
 */
export async function explain(
  stage: Stage,
  context: ExplainContext,
): Promise<readonly StageCause[]> {
  const causes = new Map<StageId, StageCause>();
  const visited = new Set<StageId>();

  const visit = async (
    current: Stage,
    earlier: StageRecord | undefined,
    way: readonly StageId[],
  ): Promise<void> => {
    if (visited.has(current.id)) return;
    visited.add(current.id);
    const path = [current.id, ...way];
    const changes = earlier === undefined ? [] : changesOf(current, earlier, context);
    const used = artifactsByStage(namedInputs(current, earlier));
    const lookInto = new Map<StageId, string | undefined>();
    for (const id of inputStages(current)) {
      const prospect = context.prospects.get(id);
      const change = changes.find((one) => one.field === 'input' && one.stage === id);
      if (prospect?.kind !== 'restore' || change !== undefined) {
        lookInto.set(id, used.get(id));
      }
    }
    for (const [id, artifact] of lookInto) {
      const input = context.graph.stages.get(id);
      if (input !== undefined) await visit(input, await baseline(id, artifact, context), path);
    }
    const explained = (change: InputChange): boolean =>
      change.field === 'input' && change.to !== undefined && causedBy(causes, change.stage);
    const own = changes.filter((change) => !explained(change));
    const prospect = context.prospects.get(current.id)?.kind ?? 'unknown';
    const isMissing = prospect === 'run' && changes.length === 0 && lookInto.size === 0;
    if (own.length === 0 && earlier !== undefined && !isMissing) return;
    causes.set(current.id, {stage: current.id, prospect, earlier, changes: own, path});
  };
  await visit(stage, await baseline(stage.id, undefined, context), []);
  return [...causes.values()];
}

/** Whether one of the causes leads through the stage. */
function causedBy(causes: ReadonlyMap<StageId, StageCause>, stage: StageId): boolean {
  return [...causes.values()].some(({path}) => path.includes(stage));
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

/** What an earlier run was made from. A record of an earlier version has no names: today's have to do. */
function namedInputs(stage: Stage, earlier: StageRecord | undefined): NamedInputs {
  if (earlier === undefined) return {inputs: {}, names: {}};
  const names = earlier.inputNames;
  return {
    inputs: objectOf(earlier.inputs),
    names: names === undefined ? inputNames(stage) : objectOf(names),
  };
}

/** The record to compare a stage with: of the run that made `artifact`, else of the last plan, else the newest. */
async function baseline(
  stage: StageId,
  artifact: string | undefined,
  {store, mark}: ExplainContext,
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
