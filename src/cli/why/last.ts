import path from 'node:path';
import {ownCommand} from '../../core/own-command.js';
import type {RunReason} from '../../core/run-reason.js';
import type {StageId} from '../../core/stage-id.js';
import {readBuildRecord, type BuildRecord} from '../../store/build-record.js';
import {DiskStore} from '../../store/disk-store.js';
import {logOf, logsOf, type StoredLog} from '../../store/stage-logs.js';
import {matchStage} from '../../builder/find-stage.js';
import {NotInStoreError} from '../../builder/not-in-store.js';
import type {JsonOption, StoreOptions} from '../../builder/options.js';
import {projectFolder} from '../../builder/project-folder.js';
import {print, printJson} from '../print.js';
import {
  causeAsJson,
  describeCauses,
  describeLast,
  describeLastRestored,
  type ShownCause,
} from './text.js';

/** Options of `why --last`. */
type LastOptions = Pick<StoreOptions, 'store' | 'project'> & JsonOption;

/** The last build of a checkout, with the logs of the stages that ran. */
export interface LastBuild extends BuildRecord {
  readonly logs: ReadonlyMap<StageId, StoredLog>;
}

/** Prints why the stages of the last build ran; with a name, why that stage did, root causes first. */
export async function runWhyLast(name: string | undefined, options: LastOptions): Promise<void> {
  const store = await DiskStore.openPresent(options.store);
  const build = await lastBuild(store, path.resolve(options.project ?? projectFolder));
  if (name === undefined) {
    if (options.json === true) printJson(asJson(build));
    else print(`${describeLast(build)}\n`);
    return;
  }
  const stage = matchStage(name, Object.keys(build.stages));
  const inBuild = build.logs.get(stage);
  const log = inBuild ?? (await logsOf(store.layout, stage))[0];
  const causes = inBuild === undefined ? [] : causesOf(stage, build);
  if (options.json === true) {
    const {command, started} = build;
    printJson({
      ...{command, started, stage, ...build.stages[stage], log: log?.path},
      ...{reason: log?.reason, causes: causes.map(causeAsJson)},
    });
  } else if (inBuild === undefined) print(`${describeLastRestored(stage, build, log)}\n`);
  else print(`${describeCauses(stage, 'ran', causes)}\n`);
}

async function lastBuild(store: DiskStore, checkout: string): Promise<LastBuild> {
  const record = await readBuildRecord(store.layout, checkout);
  if (record === undefined) {
    throw new NotInStoreError(
      `${store.root} has no record of a build of ${checkout}.\nNext: ${ownCommand('build')}`,
    );
  }
  const logs = new Map<StageId, StoredLog>();
  for (const [stage, {log}] of Object.entries(record.stages)) {
    if (log !== undefined) logs.set(stage, await logOf(store.layout, stage, log));
  }
  return {...record, logs};
}

/** Why a stage ran: its own changes, and those of the stages among its inputs that ran in the same build. */
function causesOf(stage: StageId, {logs}: LastBuild): readonly ShownCause[] {
  const causes = new Map<StageId, ShownCause>();
  const visit = (id: StageId, reason: RunReason, way: readonly StageId[]): void => {
    const path = [id, ...way];
    const own = reason.changes.filter((change) => {
      const input = change.field === 'input' ? logs.get(change.stage)?.reason : undefined;
      if (change.field !== 'input' || input === undefined || change.from === undefined) return true;
      if (!path.includes(change.stage) && !causes.has(change.stage))
        visit(change.stage, input, path);
      return false;
    });
    const isRoot = own.length > 0 || reason.changes.length === 0;
    if (isRoot) causes.set(id, {stage: id, earlier: reason.earlier, changes: own, path});
  };
  const reason = logs.get(stage)?.reason;
  if (reason !== undefined) visit(stage, reason, []);
  return [...causes.values()];
}

function asJson({command, started, stages, logs}: LastBuild): object {
  return {
    ...{command, started},
    stages: Object.entries(stages).map(([stage, end]) => ({
      ...{stage, ...end},
      seconds: logs.get(stage)?.seconds,
      reason: logs.get(stage)?.reason,
    })),
  };
}
