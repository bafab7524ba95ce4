import type {ArtifactDigest} from '../core/digest.js';
import {InputError, InternalError, valueOrThrow} from '../core/errors.js';
import type {Engine} from '../executor/docker/engine.js';
import type {ArtifactReference, Executor, StageLimits} from '../executor/executor.js';
import type {LocalExecutor, LocalExecutorOptions} from '../executor/local/local-executor.js';
import {MemoryJobPool} from '../executor/memory-job-pool.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import {damageNotice, runGraph, type SchedulerResources} from '../scheduler/scheduler.js';
import {imageStage} from '../stages/image-stage.js';
import type {Project} from '../stages/project.js';
import type {DiskStore} from '../store/disk-store.js';
import {isOfDead, ownerName} from '../store/owner.js';
import {markName, markOf} from './mark-plan.js';
import type {SessionOptions} from './options.js';
import {runOwner} from './run-owner.js';

/** The image that provides bubblewrap: a tool of the executor, not an input of a stage, so not part of any key. */
const sandboxImageId = 'rootfs/sandbox';

/** The graph of the sandbox image alone. */
export function graphOfSandbox(project: Project): BuildGraph {
  const image = project.images.get(sandboxImageId);
  if (image === undefined) {
    throw new InputError([
      "--project: docker/sandbox is missing; copy it from Ampoule's own folder",
    ]);
  }
  return valueOrThrow(buildGraph([imageStage(sandboxImageId, image)]));
}

/** An executor and the resources that live as long. */
export interface OpenedExecutor extends AsyncDisposable {
  readonly executor: Executor;
}

/** Settings for opening an executor. */
export interface ExecutorSettings {
  readonly sandboxGraph: BuildGraph;
  readonly store: DiskStore;
  readonly options: SessionOptions;
  readonly resources: Omit<SchedulerResources, 'executor' | 'pool' | 'onEvent'>;
  readonly onNotice: (message: string) => void;
}

/**
 * Opens an executor for work on the user's own folders: sandboxes run as this user, even if that is root.
 * @throws SandboxUnavailableError if the kernel refuses namespaces.
 */
export async function openOwnExecutor(settings: ExecutorSettings): Promise<LocalExecutor> {
  const image = await makeSandboxImage(settings);
  return openLocal(settings, image, {keepsUser: true});
}

/** Unpacks the sandbox image if needed, and opens the requested executor with it. */
export async function openExecutor(settings: ExecutorSettings): Promise<OpenedExecutor> {
  const {options, sandboxGraph, store} = settings;
  const engine = await chooseEngine(settings);
  const mark = await store.mark(markOf(markName('sandbox', options), [sandboxGraph]));
  try {
    const image = await makeSandboxImage(settings);
    const executor =
      engine === undefined
        ? await openLocal(settings, image)
        : await openDocker(settings, image, engine);
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

/**
 * The engine that runs the stages; `undefined` for none.
 * @throws BuildError when an engine is requested and none is suitable.
 */
async function chooseEngine({
  onNotice,
  options: {executor},
}: ExecutorSettings): Promise<Engine | undefined> {
  if (executor === 'local') return undefined;
  const {findEngine} = await import('./find-engine.js');
  const found = await findEngine();
  if (found.engine !== undefined) return found.engine;
  if (executor === 'docker') throw found.problem;
  if (found.isExpected) {
    onNotice(`stages run in namespaces of this machine. ${found.problem.message}`);
  }
  return undefined;
}

async function openLocal(
  {onNotice, options, store}: ExecutorSettings,
  image: ArtifactReference,
  person: Pick<LocalExecutorOptions, 'keepsUser'> = {},
): Promise<LocalExecutor> {
  const {LocalExecutor} = await import('../executor/local/local-executor.js');
  const executor = await LocalExecutor.open({
    sandboxImagePath: await image.materialise(),
    temporaryPath: store.temporaryPath,
    owner: await ownerName(store.layout.owners),
    isOfDead,
    jobs: options.jobs,
    stageLimits: limitsOf(options),
    ...person,
  });
  const {limitMethod, rootReason} = executor;
  if (limitMethod !== undefined) onNotice(limitMethod);
  if (rootReason !== undefined) {
    onNotice(`stages run as root of this machine, not as a user without rights: ${rootReason}`);
  }
  return executor;
}

function limitsOf({memory, pidsLimit}: SessionOptions): StageLimits {
  return {
    ...(memory !== undefined && {memoryBytes: memory}),
    ...(pidsLimit !== undefined && {pids: pidsLimit}),
  };
}

async function openDocker(
  {onNotice, options, resources, store}: ExecutorSettings,
  helperImage: ArtifactReference,
  engine: Engine,
): Promise<Executor> {
  const {DockerExecutor} = await import('../executor/docker/docker-executor.js');
  onNotice(`stages run in containers of the engine at ${engine.name} (version ${engine.version})`);
  const {jobs} = options;
  return DockerExecutor.open(
    {
      ...{engine, helperImage, jobs},
      temporaryPath: store.temporaryPath,
      stageLimits: limitsOf(options),
      owner: await runOwner(store.layout.owners),
      processName: await ownerName(store.layout.owners),
      person: {input: process.stdin, output: process.stdout, errors: process.stderr},
    },
    resources.signal,
  );
}

async function makeSandboxImage(settings: ExecutorSettings): Promise<ArtifactReference> {
  const {store} = settings;
  const digest = await restoreOrUnpack(settings);
  const problem = await store.discardIfDamaged(digest);
  if (problem === undefined) return {digest, materialise: () => store.materialise(digest)};
  settings.onNotice(damageNotice(sandboxImageId, problem));
  const again = await restoreOrUnpack(settings);
  return {digest: again, materialise: () => store.materialise(again)};
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
