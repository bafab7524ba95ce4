import {rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {BuildError, InputError} from '../core/errors.js';
import {laterOutcome, type DeliveredArchive, type StageOutcome} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';
import {resolveInTree} from '../core/tree-file.js';
import {variantName} from '../core/variant.js';
import {makeFolders} from '../files/make-folders.js';
import type {BuildGraph} from '../graph/graph.js';
import {damageNotice, runGraph, type BuildOutcome} from '../scheduler/scheduler.js';
import type {PlannedArchive} from '../stages/distribution-stages.js';
import type {Plan} from '../stages/plan.js';
import {clearOutput, outputTemporary} from '../store/clear-leftovers.js';
import {FileHashes} from '../store/file-hashes.js';
import {ownerName} from '../store/owner.js';
import type {ContentStore} from '../store/store.js';
import {
  deliver,
  deliveredFile,
  noticeDamage,
  type Delivery,
  type DeliverySettings,
} from './delivery.js';
import {profileNotices} from './profile-notices.js';
import type {MarkedPlan} from './mark-plan.js';
import type {Session} from './session.js';

/** Where a build's archives go, and who is notified. */
export interface Output {
  /** An absolute path, from `openOutput`. */
  readonly output: string;
  /** Called with each archive's path as soon as it is complete. */
  readonly onArchive?: (path: string) => void;
  /** Whether archives that are there already are read completely, whatever is remembered of them. */
  readonly reading?: DeliverySettings['reading'];
}

/** A finished build: how every stage ended, and the plan's archives in their order. */
export interface BuiltPlan {
  readonly outcome: BuildOutcome;
  readonly archives: readonly DeliveredArchive[];
}

/** The archives of all distributions of a plan, in their order. */
export function archivesOf({distributions}: Plan): readonly PlannedArchive[] {
  return distributions.flatMap(({archives}) => archives);
}

/** Builds a plan and copies its archives into the output folder. Throws the first failure. */
export async function buildPlan(plan: Plan, output: Output, session: Session): Promise<BuiltPlan> {
  const {reporter, resources, store, umask} = session;
  const settings: DeliverySettings = {
    folder: output.output,
    hashes: await FileHashes.open(store, resources.signal),
    reading: output.reading ?? 'if changed',
    umask,
    signal: resources.signal,
    onNotice: (message) => resources.onEvent({type: 'notice', message}),
  };
  const outcome = await runPlan(plan, settings, session).catch(async (error: unknown) => {
    throw (await store.asFullDisk(error)) ?? error;
  });
  const deliveries = await Promise.all(
    archivesOf(plan).map((archive) => deliveryOf(archive, outcome, store)),
  );
  for (const delivery of deliveries) await noticeDamage(delivery, settings);
  reporter.close();
  const archives: DeliveredArchive[] = [];
  for (const delivery of deliveries) {
    const delivered = await deliver(delivery, settings);
    archives.push(delivered);
    output.onArchive?.(delivered.path);
  }
  // Without it, the next build reads them again.
  await settings.hashes.save().catch(() => undefined);
  session.finish({archives});
  return {outcome, archives};
}

/** Settles every stage; repeats it if an archive turns out to be damaged when it is copied. */
async function runPlan(
  plan: Plan,
  settings: DeliverySettings,
  session: Session,
): Promise<BuildOutcome> {
  requireOwnFiles(plan);
  for (const message of profileNotices(plan)) session.resources.onEvent({type: 'notice', message});
  await session.mark(plan);
  await session.requireMeans(plan.graph);
  const outcome = new Map<StageId, StageOutcome>();
  for (;;) {
    for (const [id, stage] of await runGraph(plan.graph, session.resourcesOf(plan))) {
      outcome.set(id, laterOutcome(outcome.get(id), stage));
    }
    throwFailures(outcome);
    session.resources.signal.throwIfAborted();
    if (!(await discardDamaged(archivesOf(plan), outcome, settings, session))) return outcome;
  }
}

/** Refuses two distributions with the same file name in the output folder. */
export function requireOwnFiles({distributions}: Plan): void {
  const owners = new Map<string, string>();
  for (const {variant, archives} of distributions) {
    const name = variantName(variant);
    for (const {fileName} of archives) {
      const owner = owners.get(fileName);
      if (owner !== undefined) {
        throw new InputError([
          `${owner} and ${name} would both be written to ${fileName}.\nBuild them one at a time, each with an --output of its own.`,
        ]);
      }
      owners.set(fileName, name);
    }
  }
}

/** Makes the output folder and checks that it is writable before anything is built. */
export async function openOutput(folder: string): Promise<string> {
  const absolute = path.resolve(folder);
  try {
    await makeFolders(absolute);
    // Checking permissions is not enough: for root it succeeds even on read-only kernel file systems.
    const probe = path.join(absolute, outputTemporary(await ownerName(), 'probe'));
    await writeFile(probe, '');
    await rm(probe);
    await clearOutput(absolute);
  } catch (error) {
    throw new InputError([
      `--output: ${absolute} cannot be written to (${(error as Error).message}).\n` +
        'Name another folder with --output, or make this one writable.',
    ]);
  }
  return absolute;
}

/** Builds or restores every stage of a marked graph, without its archives. Throws the first failure. */
export async function runStages(
  plan: MarkedPlan,
  graph: BuildGraph,
  session: Session,
): Promise<BuildOutcome> {
  await session.requireMeans(graph);
  const outcome = await runGraph(graph, session.resourcesOf(plan));
  throwFailures(outcome);
  session.resources.signal.throwIfAborted();
  return outcome;
}

/** Throws the first failure. All others follow from it or were shown by the reporter. */
export function throwFailures(outcome: BuildOutcome): void {
  for (const stage of outcome.values()) {
    if (stage.kind === 'failed') throw stage.error;
  }
}

/** Whether an archive to be copied is damaged in the store; a damaged one is removed. */
async function discardDamaged(
  archives: readonly PlannedArchive[],
  outcome: BuildOutcome,
  settings: DeliverySettings,
  {store, resources}: Session,
): Promise<boolean> {
  let hasDamage = false;
  for (const archive of archives) {
    const delivery = await deliveryOf(archive, outcome, store);
    if ((await deliveredFile(delivery, settings)) !== undefined) continue;
    const problem = await store.discardIfDamaged(delivery.artifact);
    if (problem === undefined) continue;
    hasDamage = true;
    resources.onEvent({type: 'notice', message: damageNotice(archive.stage.id, problem)});
  }
  return hasDamage;
}

async function deliveryOf(
  {date, fileName, stage: {id}}: PlannedArchive,
  outcome: BuildOutcome,
  store: ContentStore,
): Promise<Delivery> {
  const stage = outcome.get(id);
  if (stage?.kind !== 'built' && stage?.kind !== 'restored') {
    throw new ArchiveMissingError(`${id} made no archive`);
  }
  const {artifact} = stage;
  const tree = {hostPath: await store.materialise(artifact), name: id};
  return {artifact, fileName, source: resolveInTree(tree, fileName), date};
}

class ArchiveMissingError extends BuildError {
  override readonly name = 'ArchiveMissingError';
  readonly code = 'E_ARCHIVE_MISSING';
}
