import type {BuildEvent, BuiltStage, DeliveredArchive} from '../core/events.js';
import {localLocationOf, type Source} from '../core/source.js';
import type {SourceSet} from '../core/target.js';
import {ownCommand} from '../core/own-command.js';
import type {Executor} from '../executor/executor.js';
import type {LocalExecutor} from '../executor/local/local-executor.js';
import {absentSources} from '../fetch/fetch-sources.js';
import type {BuildGraph} from '../graph/graph.js';
import type {Reporter} from '../report/reporter.js';
import type {SchedulerResources} from '../scheduler/scheduler.js';
import type {StoredMark} from '../store/plan-marks.js';
import type {Project} from '../stages/project.js';
import {clearLeftovers} from '../store/clear-leftovers.js';
import {unlessReadOnly} from '../store/read-only.js';
import {DiskStore} from '../store/disk-store.js';
import {BuildJournal} from './build-journal.js';
import {rememberedSourceSet} from './choose-source-set.js';
import {estimate} from './estimate.js';
import {reasonOf} from './explain.js';
import {marksOf, type MarkedPlan} from './mark-plan.js';
import {projectFolder} from './project-folder.js';
import {
  graphOfSandbox,
  openExecutor,
  openOwnExecutor,
  type OpenedExecutor,
} from './open-executor.js';
import {openFetcher, sourcesMissing} from './open-fetcher.js';
import {openReporter} from './open-reporter.js';
import type {SessionOptions} from './options.js';
import {prospectsOf} from './prospects.js';
import {rerunOptions, rerunOptionsOf} from './rerun-options.js';

/** What a command that builds needs, from the options and this machine. */
export interface Session extends AsyncDisposable {
  readonly store: DiskStore;
  readonly reporter: Reporter;
  /** What fetching and host stages need; a walk over a plan uses `resourcesOf` it. */
  readonly resources: SchedulerResources;
  /** What a walk over the graphs of a plan needs. Its errors name the variant of the failed stage. */
  resourcesOf(plan: MarkedPlan): SchedulerResources;
  /** The user's umask, which applies to the output; the session itself uses 022. */
  readonly umask: number;
  /** What the sandbox needs, besides the plan. */
  readonly sandboxGraph: BuildGraph;
  /** Runs commands on the user's own folders, as this user. Opened at the first call. */
  ownExecutor(): Promise<LocalExecutor>;
  /** The requested source set; `auto` is decided once and remembered in the store. */
  chooseSourceSet(): Promise<SourceSet>;
  /** Protects what a plan uses from `store gc`, until this checkout plans the same again. */
  mark(plan: MarkedPlan): Promise<void>;
  /**
   * Checks before any stage waits for another builder that the graph can be built: that its sources are there when offline,
   * and that the executor can do what the options demand.
   * @throws SourcesMissingError, or what the executor throws.
   */
  requireMeans(graph: BuildGraph): Promise<void>;
  /** Ends the progress and tells that the command has succeeded, and what it made. */
  finish(made?: MadeThings): void;
}

/** What a command made. */
interface MadeThings {
  readonly archives?: readonly DeliveredArchive[];
  readonly stages?: readonly BuiltStage[];
}

/** Opens the store and the reporter. The executor and the network are opened when needed. */
export async function openSession(
  options: SessionOptions,
  project: Project,
  signal: AbortSignal,
): Promise<Session> {
  const reporter = await openReporter(options.progress, options);
  const startedMs = performance.now();
  const onNotice = (message: string): void => reporter.onEvent({type: 'notice', message});
  const store = await DiskStore.open(options.store, onNotice, signal);
  const journal = new BuildJournal(store.layout, options);
  const onEvent = (event: BuildEvent): void => {
    reporter.onEvent(event);
    journal.take(event);
  };
  if (project.pythonTree?.notice !== undefined) onNotice(project.pythonTree.notice);
  // Stages see the modes of files made for them, and a sandbox may run as another user.
  const umask = process.umask(0o022);
  await tellLeftovers(store, onNotice);
  const fetchCommand = ownCommand(`fetch${rerunOptions(options).plan}`);
  const settings = {store, onEvent, signal};
  const fetchSources = openFetcher({
    ...settings,
    debianMirror: options.debianMirror,
    images: project.images,
    projectFolder: options.project ?? projectFolder,
    ...(options.offline === true && {offline: {fetchCommand}}),
  });
  const sandboxGraph = graphOfSandbox(project);

  const {outputLimit} = options;
  const more = {
    ...(outputLimit !== undefined && {outputLimitBytes: outputLimit}),
    ...(options.keepWork === true && {keepsWork: true as const}),
  };
  const base = {store, jobs: options.jobs, signal, fetchSources, ...more};
  const marks: AsyncDisposable[] = [];
  const formerMarks: StoredMark[] = [];
  const executors = openLater({sandboxGraph, store, options, resources: base, onNotice});
  const resources = {...base, onEvent, executor: executors.executor};
  return {
    store,
    reporter,
    sandboxGraph,
    umask,
    resources,
    resourcesOf: (plan) => ({
      ...resources,
      rerun: rerunOptionsOf(plan, options),
      estimate: (graph) => estimate(graph, store, options.jobs),
      reasonOf: (stage) => reasonOf(stage, {store, marks: formerMarks}),
    }),
    ownExecutor: executors.own,
    chooseSourceSet: () => rememberedSourceSet(options, project, settings),
    mark: async (plan) => {
      for (const mark of marksOf(plan, sandboxGraph, options)) {
        const former = await store.findMark(mark);
        if (former !== undefined) formerMarks.push(former);
        marks.push(await store.mark(mark));
      }
    },
    requireMeans: async (graph) => {
      if (options.offline === true) {
        const absent = await neededButAbsent(graph, sandboxGraph, store);
        if (absent.length > 0) throw await sourcesMissing(absent, store, fetchCommand);
      }
      const {executor: kind, memory, pidsLimit} = options;
      const isDemanding = kind === 'docker' || memory !== undefined || pidsLimit !== undefined;
      if (isDemanding && (await hasSandboxToRun(graph, store))) await executors.executor();
    },
    finish: ({archives = [], ...stages} = {}) => {
      reporter.close();
      const seconds = (performance.now() - startedMs) / 1000;
      onEvent({type: 'build-finished', ...journal.counts, seconds, archives, ...stages});
    },
    [Symbol.asyncDispose]: async () => {
      await executors.close();
      for (const mark of marks) await mark[Symbol.asyncDispose]();
      await journal.write();
      reporter.close();
      if (signal.aborted) onNotice('interrupted; run again to continue');
      process.umask(umask);
    },
  };
}

/** Removes what dead builders left, and tells what could not be removed. */
async function tellLeftovers(store: DiskStore, onNotice: (message: string) => void): Promise<void> {
  try {
    const left = await unlessReadOnly(
      () => clearLeftovers(store.layout),
      () => [],
    );
    left.forEach(onNotice);
  } catch (error) {
    throw (await store.asFullDisk(error)) ?? error;
  }
}

/** The executors of a session, each opened when it is needed for the first time. */
function openLater(settings: Parameters<typeof openExecutor>[0]) {
  let opened: Promise<OpenedExecutor> | undefined;
  let own: Promise<LocalExecutor> | undefined;
  return {
    executor: async (): Promise<Executor> => (await (opened ??= openExecutor(settings))).executor,
    own: (): Promise<LocalExecutor> => (own ??= openOwnExecutor(settings)),
    close: async (): Promise<void> => {
      await (await own?.catch(() => undefined))?.[Symbol.asyncDispose]();
      await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]();
    },
  };
}

async function hasSandboxToRun(graph: BuildGraph, store: DiskStore): Promise<boolean> {
  const prospects = await prospectsOf(graph, store);
  return [...graph.stages.values()].some(
    ({id, kind}) => kind === 'sandbox' && prospects.get(id)?.kind !== 'restore',
  );
}

/**
 * The sources that a build would miss. Empty while it is unknown whether a stage without its source will run; that
 * stage then reports it.
 */
async function neededButAbsent(
  graph: BuildGraph,
  sandboxGraph: BuildGraph,
  store: DiskStore,
): Promise<readonly Source[]> {
  const prospects = await prospectsOf(graph, store);
  const stages = [...graph.stages.values()].filter(({id}) => prospects.get(id)?.kind !== 'restore');
  if (stages.length === 0) return [];
  const sandbox = await prospectsOf(sandboxGraph, store);
  const tools = [...sandboxGraph.stages.values()].filter(
    ({id}) => sandbox.get(id)?.kind !== 'restore',
  );
  const certain = stages.filter(({id}) => prospects.get(id)?.kind === 'run');
  const sourcesOf = (those: typeof stages): readonly Source[] =>
    those.flatMap(({sources}) => sources.filter((source) => localLocationOf(source) === undefined));
  const missing = await absentSources(sourcesOf([...tools, ...certain]), store.sources);
  if (missing.length === 0) return [];
  return absentSources(sourcesOf([...tools, ...stages]), store.sources);
}
