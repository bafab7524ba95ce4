import {
  chmod,
  constants,
  copyFile,
  mkdir,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type {ArtifactDigest} from '../core/digest.js';
import {BuildError, InputError} from '../core/errors.js';
import {resolveInTree} from '../core/tree-file.js';
import {variantName} from '../core/variant.js';
import {damageNotice, runGraph, type BuildOutcome} from '../scheduler/scheduler.js';
import type {PlannedArchive} from '../stages/distribution-stages.js';
import type {Plan} from '../stages/plan.js';
import {clearOutput, outputTemporary} from '../store/clear-leftovers.js';
import {asFullDisk} from '../store/full-disk.js';
import {ownerName} from '../store/owner.js';
import type {ContentStore} from '../store/store.js';
import {artifactMtimeSeconds} from '../store/tree.js';
import type {Session} from './session.js';

/** Where a build's archives go, and who is notified. */
export interface Output {
  /** An absolute path, from `openOutput`. */
  readonly output: string;
  /** Called with each archive's path as soon as it is complete. */
  readonly onArchive?: (path: string) => void;
}

/** A finished build: how every stage ended, and the paths of the plan's archives in their order. */
export interface BuiltPlan {
  readonly outcome: BuildOutcome;
  readonly paths: readonly string[];
}

/** The archives of all distributions of a plan, in their order. */
export function archivesOf({distributions}: Plan): readonly PlannedArchive[] {
  return distributions.flatMap(({archives}) => archives);
}

/** Builds a plan and copies its archives into the output folder. Throws the first failure. */
export async function buildPlan(
  plan: Plan,
  {output, onArchive}: Output,
  session: Session,
): Promise<BuiltPlan> {
  const outcome = await runPlan(plan, output, session).catch(async (error: unknown) => {
    throw (await session.store.asFullDisk(error)) ?? error;
  });
  session.reporter.close();
  const paths: string[] = [];
  for (const archive of archivesOf(plan)) {
    const delivery = await deliveryOf(archive, outcome, output, session.store);
    const path = await deliver(delivery, output, session.umask);
    paths.push(path);
    onArchive?.(path);
  }
  return {outcome, paths};
}

/** Settles every stage; repeats it if an archive turns out to be damaged when it is copied. */
async function runPlan(plan: Plan, output: string, session: Session): Promise<BuildOutcome> {
  requireOwnFiles(plan);
  await session.mark(plan);
  await session.requireSources(plan.graph);
  for (;;) {
    const outcome = await runGraph(plan.graph, session.resourcesOf(plan));
    throwFailures(outcome);
    session.resources.signal.throwIfAborted();
    if (!(await discardDamaged(archivesOf(plan), outcome, output, session))) return outcome;
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
    await mkdir(absolute, {recursive: true});
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
  output: string,
  {store, resources}: Session,
): Promise<boolean> {
  let hasDamage = false;
  for (const archive of archives) {
    const delivery = await deliveryOf(archive, outcome, output, store);
    if (await isDelivered(delivery)) continue;
    const problem = await store.discardIfDamaged(delivery.artifact);
    if (problem === undefined) continue;
    hasDamage = true;
    resources.onEvent({type: 'notice', message: damageNotice(archive.stage.id, problem)});
  }
  return hasDamage;
}

/** One archive to copy out of the store. */
interface Delivery {
  readonly artifact: ArtifactDigest;
  readonly source: string;
  readonly destination: string;
  /** In seconds. Part of the digest is encoded in the mtime: a cheap mark of what was copied. */
  readonly mtime: number;
}

async function deliveryOf(
  archive: PlannedArchive,
  outcome: BuildOutcome,
  output: string,
  store: ContentStore,
): Promise<Delivery> {
  const stage = outcome.get(archive.stage.id);
  if (stage?.kind !== 'built' && stage?.kind !== 'restored') {
    throw new ArchiveMissingError(`${archive.stage.id} made no archive`);
  }
  const {artifact} = stage;
  return {
    artifact,
    source: resolveInTree(
      {hostPath: await store.materialise(artifact), name: archive.stage.id},
      archive.fileName,
    ),
    destination: path.join(output, archive.fileName),
    mtime: artifactMtimeSeconds + Number.parseInt(artifact.slice(0, 6), 16),
  };
}

async function isDelivered({source, destination, mtime}: Delivery): Promise<boolean> {
  const [wanted, present] = await Promise.all(
    [source, destination].map((file) => stat(file).catch(() => undefined)),
  );
  if (wanted === undefined || present === undefined) return false;
  return present.size === wanted.size && Math.floor(present.mtimeMs / 1000) === mtime;
}

/** Copies an archive out of the store unless it is already there. Returns its path. */
async function deliver(delivery: Delivery, output: string, umask: number): Promise<string> {
  const {source, destination, mtime} = delivery;
  if (await isDelivered(delivery)) return destination;
  const name = outputTemporary(await ownerName(), path.basename(destination));
  const temporary = path.join(output, name);
  try {
    await copyFile(source, temporary, constants.COPYFILE_FICLONE);
    await chmod(temporary, 0o666 & ~umask);
    await utimes(temporary, mtime, mtime);
    await rename(temporary, destination);
  } catch (error) {
    throw (await asFullDisk(error, output, '--output')) ?? error;
  } finally {
    await rm(temporary, {force: true});
  }
  return destination;
}

class ArchiveMissingError extends BuildError {
  override readonly name = 'ArchiveMissingError';
  readonly code = 'E_ARCHIVE_MISSING';
}
