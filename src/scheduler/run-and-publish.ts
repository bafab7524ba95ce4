import path from 'node:path';
import type {ArtifactDigest} from '../core/digest.js';
import type {StageOutcome} from '../core/events.js';
import {StageOutputError} from '../core/output-error.js';
import type {RunReason} from '../core/run-reason.js';
import type {StageId} from '../core/stage-id.js';
import type {Stage} from '../graph/stage.js';
import {leftNotice} from '../store/clear-leftovers.js';
import type {LogEnding, OwnerLock, Workspace} from '../store/store.js';
import {keepRecord, type ResolvedStage} from './restore.js';
import {runStage, type StageInputs, type StageResources} from './run-stage.js';

/** One run of a stage by the owner of its lock. */
export interface StageRun {
  readonly resolved: ResolvedStage;
  readonly inputs: StageInputs;
  readonly lock: OwnerLock;
  readonly reason?: RunReason;
}

/** Runs a stage and publishes its output; `again` if another builder has taken the stage over. */
export async function runAndPublish(
  run: StageRun,
  resources: StageResources,
): Promise<StageOutcome | 'again'> {
  const {signal, store} = resources;
  const {stage, stageKey, key} = run.resolved;
  const workspace = await store.openWorkspace(stageKey, isResumable(stage) ? key : undefined);
  if (workspace.isResumed) {
    const message = `resuming ${stage.id} from an earlier run`;
    resources.onEvent({type: 'notice', message});
  }
  try {
    const outcome = await runIn(workspace, run, resources);
    await endRun(stage.id, endingOf(workspace, stage, outcome, resources), resources);
    return outcome;
  } catch (error) {
    // Computed now, before files are removed.
    const full = await store.asFullDisk(error);
    // The stage's own files may fill the disk, so that nothing could run, not even `store gc`.
    const isFull = (await store.spaceNotice()) !== undefined;
    const isKept = !isFull && (!signal.aborted || isResumable(stage));
    await endRun(stage.id, isKept ? () => workspace.keep() : () => workspace.remove(), resources);
    throw full ?? (error instanceof StageOutputError ? error.of(stage.id) : error);
  }
}

async function runIn(
  workspace: Workspace,
  {resolved, inputs, lock, reason}: StageRun,
  resources: StageResources,
): Promise<StageOutcome | 'again'> {
  const {outputLimitBytes: limitBytes, signal, store} = resources;
  const {stage, stageKey} = resolved;
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  const log = await store.openLog(stage.id, reason);
  resources.onEvent({
    ...{type: 'stage-started', stage: stage.id, key: stageKey, log: log.path},
    ...(reason !== undefined && {reason}),
  });
  const close = (outcome: LogEnding['outcome']) => log.close({outcome, seconds: seconds()});
  let hasEnded: boolean;
  try {
    hasEnded = await runStage(stage, inputs, workspace, log, resources);
  } catch (error) {
    // On a full disk, closing the log fails too; the stage's error is reported.
    await close('failed').catch(() => undefined);
    throw error;
  }
  // Another builder may have taken the stage over while this process was stopped.
  const isLost = hasEnded && !(await lock.isHeld());
  await close(hasEnded && !isLost ? 'built' : 'stopped');
  if (!hasEnded) return {kind: 'cancelled'};
  if (isLost) {
    resources.onEvent({type: 'notice', message: lostNotice(stage.id)});
    return 'again';
  }
  let earlier: ArtifactDigest | undefined;
  const ran = {seconds: seconds(), log: log.path};
  const artifact = await store.publish(
    path.join(workspace.path, 'out'),
    async (made) => {
      earlier = await keepRecord(resolved, {artifact: made, ...ran}, store);
    },
    {signal, ...(limitBytes !== undefined && {limitBytes})},
  );
  if (earlier !== undefined && earlier !== artifact) {
    resources.onEvent({type: 'stage-differed', stage: stage.id, earlier, now: artifact});
  }
  return {kind: 'built', artifact, seconds: ran.seconds};
}

/** What becomes of the files of a run that did not fail. */
function endingOf(
  workspace: Workspace,
  stage: Stage,
  outcome: StageOutcome | 'again',
  {keepsWork, onEvent}: StageResources,
): () => Promise<void> {
  const kind = outcome === 'again' ? outcome : outcome.kind;
  if (kind === 'cancelled' && isResumable(stage)) return () => workspace.keep();
  if (keepsWork !== true || kind !== 'built' || stage.kind !== 'sandbox') {
    return () => workspace.remove();
  }
  return async () => {
    await workspace.keep('on request');
    const message = `kept     ${stage.id}: its work folder is ${workspace.keptPath}`;
    onEvent({type: 'notice', message});
  };
}

/** Removes or keeps the files of a run. If that fails, it changes nothing about how the stage ended. */
async function endRun(
  stage: StageId,
  end: () => Promise<void>,
  {onEvent}: StageResources,
): Promise<void> {
  await end().catch((error: unknown) => {
    onEvent({type: 'notice', message: leftNotice(`files of a run of ${stage}`, error)});
  });
}

function isResumable(stage: Stage): boolean {
  return stage.kind === 'sandbox' && stage.isResumable === true;
}

/** Reports that another builder runs a stage that this one was running. */
function lostNotice(stage: StageId): string {
  return (
    `lost     ${stage}: this process did not run for a while, and another builder has taken the stage over; ` +
    'its artifact is used'
  );
}
