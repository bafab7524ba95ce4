import type {ArtifactDigest} from '../core/digest.js';
import {InputError, InternalError, valueOrThrow} from '../core/errors.js';
import type {Executor} from '../executor/executor.js';
import {MemoryJobPool} from '../executor/memory-job-pool.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import {damageNotice, runGraph, type SchedulerResources} from '../scheduler/scheduler.js';
import {imageStage} from '../stages/image-stage.js';
import type {Project} from '../stages/project.js';
import type {DiskStore} from '../store/disk-store.js';
import {ownerName} from '../store/owner.js';
import {revisions} from './host-function-table.js';
import {markName, markOf} from './mark-plan.js';
import type {CommonOptions} from './options.js';

/** The image that bubblewrap comes from: a tool of the executor, not an input of a stage, so no key holds it. */
const sandboxImageId = 'rootfs/sandbox';

/** The graph of the sandbox image alone. */
export function graphOfSandbox(project: Project): BuildGraph {
  const image = project.images.get(sandboxImageId);
  if (image === undefined) {
    throw new InputError([
      "--project: docker/sandbox is missing; copy it from Ampoule's own folder",
    ]);
  }
  return valueOrThrow(buildGraph([imageStage(sandboxImageId, image, revisions)]));
}

/** An executor, and all that lives as long as it does. */
export interface OpenedExecutor extends AsyncDisposable {
  readonly executor: Executor;
}

/** What opening an executor depends on. */
export interface ExecutorSettings {
  readonly sandboxGraph: BuildGraph;
  readonly store: DiskStore;
  readonly options: CommonOptions;
  readonly resources: Omit<SchedulerResources, 'executor' | 'pool' | 'onEvent'>;
  /** Told what the store has damaged. */
  readonly onNotice: (message: string) => void;
}

/** Unpacks the sandbox image if need be, and opens the executor that runs in it. */
export async function openExecutor(settings: ExecutorSettings): Promise<OpenedExecutor> {
  const {options, sandboxGraph, store} = settings;
  const mark = await store.mark(markOf(markName('sandbox', options), [sandboxGraph]));
  try {
    const sandboxImagePath = await makeSandboxImage(settings);
    const {LocalExecutor} = await import('../executor/local/local-executor.js');
    const {temporaryPath} = store;
    const {jobs} = options;
    const owner = await ownerName();
    const executor = await LocalExecutor.open({sandboxImagePath, temporaryPath, owner, jobs});
    return {
      executor,
      [Symbol.asyncDispose]: async () => {
        await executor[Symbol.asyncDispose]();
        await mark[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await mark[Symbol.asyncDispose]();
    throw error;
  }
}

async function makeSandboxImage(settings: ExecutorSettings): Promise<string> {
  const artifact = await restoreOrUnpack(settings);
  const problem = await settings.store.discardIfDamaged(artifact);
  if (problem === undefined) return settings.store.artifactPath(artifact);
  settings.onNotice(damageNotice(sandboxImageId, problem));
  return settings.store.artifactPath(await restoreOrUnpack(settings));
}

async function restoreOrUnpack(settings: ExecutorSettings): Promise<ArtifactDigest> {
  const {options, resources, sandboxGraph} = settings;
  const outcome = await runGraph(sandboxGraph, {
    ...resources,
    onEvent: () => undefined,
    executor: () => Promise.reject(new InternalError('images are unpacked without an executor')),
    pool: new MemoryJobPool(options.jobs),
  });
  const made = outcome.get(sandboxImageId);
  if (made?.kind === 'failed') throw made.error;
  if (made?.kind !== 'built' && made?.kind !== 'restored') {
    resources.signal.throwIfAborted();
    throw new InternalError('the sandbox image ended without an artifact');
  }
  return made.artifact;
}
