import {InternalError, valueOrThrow} from '../core/errors.js';
import type {EventListener} from '../core/events.js';
import type {SourceSet} from '../core/target.js';
import type {Executor} from '../executor/executor.js';
import {MemoryJobPool} from '../executor/memory-job-pool.js';
import {buildGraph} from '../graph/graph.js';
import type {Reporter} from '../report/reporter.js';
import {runGraph, type SchedulerResources} from '../scheduler/scheduler.js';
import {imageStage} from '../stages/image-stage.js';
import type {Project} from '../stages/project.js';
import {DiskStore} from '../store/disk-store.js';
import {hostFunctions, revisions} from './host-function-table.js';
import {projectFolder} from './load-project.js';
import {openReporter} from './open-reporter.js';
import type {CommonOptions} from './options.js';
import {openFetcher, rememberedSourceSet} from './open-fetcher.js';

/** What a command that builds works with, from the options and this machine. */
export interface Session extends AsyncDisposable {
  readonly store: DiskStore;
  readonly reporter: Reporter;
  readonly resources: SchedulerResources;
  /** The source set that the options ask for; `auto` is decided once and remembered in the store. */
  chooseSourceSet(): Promise<SourceSet>;
}

/** The image that bubblewrap comes from. */
export const sandboxImageId = 'rootfs/sandbox';

/** Opens the store and the reporter; the executor and the network only when something needs them. */
export async function openSession(
  options: CommonOptions,
  project: Project,
  signal: AbortSignal,
): Promise<Session> {
  const store = await DiskStore.open(options.store);
  const reporter = openReporter(options.progress);
  const onEvent: EventListener = reporter.onEvent;
  const settings = {
    store,
    onEvent,
    signal,
    debianMirror: options.debianMirror,
    images: project.images,
    projectFolder: options.project ?? projectFolder,
  };
  const fetchSources = openFetcher(settings);

  let opened: Promise<Executor> | undefined;
  const base = {store, functions: hostFunctions, jobs: options.jobs, signal, fetchSources};
  const openExecutor = async (): Promise<Executor> => {
    const sandboxImagePath = await makeSandboxImage(project, {
      ...base,
      onEvent: () => undefined,
      executor: () => Promise.reject(new InternalError('images are unpacked without an executor')),
      pool: new MemoryJobPool(options.jobs),
    });
    const {LocalExecutor} = await import('../executor/local/local-executor.js');
    const {temporaryPath} = store;
    return LocalExecutor.open({sandboxImagePath, temporaryPath, jobs: options.jobs});
  };
  return {
    store,
    reporter,
    resources: {...base, onEvent, executor: () => (opened ??= openExecutor())},
    chooseSourceSet: () => rememberedSourceSet(options.sources, project, settings),
    [Symbol.asyncDispose]: async () => {
      const executor = await opened?.catch(() => undefined);
      await executor?.[Symbol.asyncDispose]();
      reporter.close();
    },
  };
}

/** Unpacks the sandbox image, which no key holds: it is a tool of the executor, not an input of a stage. */
async function makeSandboxImage(project: Project, resources: SchedulerResources): Promise<string> {
  const image = project.images.get(sandboxImageId);
  if (image === undefined) throw new InternalError('docker/sandbox is missing');
  const stage = imageStage(sandboxImageId, image, revisions);
  const outcome = await runGraph(valueOrThrow(buildGraph([stage])), resources);
  const made = outcome.get(sandboxImageId);
  if (made?.kind === 'failed') throw made.error;
  if (made?.kind !== 'built' && made?.kind !== 'restored') {
    resources.signal.throwIfAborted();
    throw new InternalError('the sandbox image ended without an artifact');
  }
  return resources.store.artifactPath(made.artifact);
}
