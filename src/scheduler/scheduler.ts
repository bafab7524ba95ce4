import path from 'node:path';
import type {ArtifactDigest, Sha256, StageKey} from '../core/digest.js';
import {asBuildError, InternalError} from '../core/errors.js';
import type {StageOutcome} from '../core/events.js';
import type {Source} from '../core/source.js';
import type {StageId} from '../core/stage-id.js';
import type {JobPool} from '../executor/executor.js';
import type {BuildGraph} from '../graph/graph.js';
import {resolve, stageKeys} from '../graph/key.js';
import {inputStages, type Stage} from '../graph/stage.js';
import {priorities} from './priorities.js';
import {findStored, keepRecord, type ResolvedStage} from './restore.js';
import {runStage, type StageInputs, type StageResources} from './run-stage.js';
import {StageQueue} from './stage-queue.js';
import type {LockOwner, LogEnding, Workspace} from '../store/store.js';

/** What a walk over the graph works with. */
export interface SchedulerResources extends StageResources {
  /** Makes downloads present and tells where they lie. */
  readonly fetchSources: (sources: readonly Source[]) => Promise<ReadonlyMap<Sha256, string>>;
  /** Job slots for a graph of host stages alone; otherwise the executor's. */
  readonly pool?: JobPool;
}

/** How every stage of the graph ended. */
export type BuildOutcome = ReadonlyMap<StageId, StageOutcome>;

/**
 * Restores or runs every stage of the graph, independent ones at the same time. After a failure no further stage is
 * started; those that run are finished, so that their work is kept.
 */
export async function runGraph(
  graph: BuildGraph,
  resources: SchedulerResources,
): Promise<BuildOutcome> {
  const walk = new Walk(graph, resources);
  resources.onEvent({type: 'build-started', stages: graph.stages.size});
  const entries = [...graph.stages.values()].map(
    async (stage) => [stage.id, await walk.outcome(stage)] as const,
  );
  return new Map(await Promise.all(entries));
}

/** Tells that a stage's artifact was found damaged, and removed. */
export function damageNotice(stage: StageId, problem: string): string {
  return `damaged  artifact of ${stage}: ${problem}; it is made anew`;
}

function isResumable(stage: Stage): boolean {
  return stage.kind === 'sandbox' && stage.isResumable === true;
}

/** An input that the store had: nobody has read it in this run. */
interface RestoredInput {
  readonly id: StageId;
  readonly artifact: ArtifactDigest;
  readonly settled: Promise<StageOutcome>;
}

class Walk {
  private readonly keys: ReadonlyMap<StageId, StageKey>;
  private readonly priorities: ReadonlyMap<StageId, number>;
  private readonly outcomes = new Map<StageId, Promise<StageOutcome>>();
  private readonly queue: StageQueue;
  private hasFailed = false;

  constructor(
    private readonly graph: BuildGraph,
    private readonly resources: SchedulerResources,
  ) {
    this.keys = stageKeys(graph);
    this.priorities = priorities(graph);
    const pool = async () => resources.pool ?? (await resources.executor()).jobs;
    this.queue = new StageQueue(pool, resources.signal);
  }

  /** Joined by everyone who needs the stage: it is settled once. */
  outcome(stage: Stage): Promise<StageOutcome> {
    const known = this.outcomes.get(stage.id);
    if (known !== undefined) return known;
    const settled = this.settle(stage);
    this.outcomes.set(stage.id, settled);
    return settled;
  }

  private async settle(stage: Stage): Promise<StageOutcome> {
    const outcome = await this.attempt(stage).catch(
      async (error: unknown): Promise<StageOutcome> => {
        const {signal, store} = this.resources;
        if (signal.aborted) return {kind: 'cancelled'};
        const full = await store.asFullDisk(error);
        return {kind: 'failed', error: full ?? asBuildError(error, `Stage ${stage.id}`)};
      },
    );
    if (outcome.kind === 'failed') this.hasFailed = true;
    this.resources.onEvent({type: 'stage-finished', stage: stage.id, outcome});
    return outcome;
  }

  private async attempt(stage: Stage): Promise<StageOutcome> {
    void this.prefetch(stage, this.keyOf(stage.id));
    for (;;) {
      const outcome = await this.restoreOrBuild(stage);
      if (outcome !== 'again') return outcome;
    }
  }

  /** `again` when an input turned out to be damaged: it is being made anew then. */
  private async restoreOrBuild(stage: Stage): Promise<StageOutcome | 'again'> {
    const stageKey = this.keyOf(stage.id);
    const digests = new Map<StageId, ArtifactDigest>();
    const restored: RestoredInput[] = [];
    for (const id of inputStages(stage)) {
      const settled = this.outcome(this.stageOf(id));
      const outcome = await settled;
      if (outcome.kind === 'cancelled') return outcome;
      if (outcome.kind === 'failed') return {kind: 'blocked', by: id};
      if (outcome.kind === 'blocked') return outcome;
      digests.set(id, outcome.artifact);
      if (outcome.kind === 'restored') restored.push({id, settled, artifact: outcome.artifact});
    }
    const artifactOf = (id: StageId): ArtifactDigest => {
      const digest = digests.get(id);
      if (digest === undefined) throw new InternalError(`${stage.id} reads undeclared ${id}`);
      return digest;
    };
    const resolved: ResolvedStage = {stage, stageKey, ...resolve(stage, artifactOf)};

    const stored = await findStored(resolved, this.resources.store);
    if (stored !== undefined) return {kind: 'restored', artifact: stored};
    const onWait = ({pid, isHidden}: LockOwner): void => {
      // Two stages of this graph may have one key.
      if (pid === process.pid && !isHidden) return;
      const where = isHidden ? ' of another container' : '';
      const message = `waiting  ${stage.id}: process ${pid}${where} makes it`;
      this.resources.onEvent({type: 'notice', message});
    };
    const {store, signal} = this.resources;
    await using _ownership = await store.lock(stageKey, signal, onWait);
    // Another builder may have made it while we waited.
    const made = await findStored(resolved, this.resources.store);
    if (made !== undefined) return {kind: 'restored', artifact: made};
    if (await this.hasDamaged(restored)) return 'again';
    return await this.build(resolved, artifactOf);
  }

  /** Whether one of these artifacts is damaged. Those that are, are removed, and their stages settled once more. */
  private async hasDamaged(inputs: readonly RestoredInput[]): Promise<boolean> {
    const {store, onEvent} = this.resources;
    let hasDamage = false;
    for (const {id, artifact, settled} of inputs) {
      const problem = await store.discardIfDamaged(artifact);
      if (problem === undefined) continue;
      hasDamage = true;
      // Another stage that reads it may have been faster.
      if (this.outcomes.get(id) !== settled) continue;
      this.outcomes.delete(id);
      onEvent({type: 'notice', message: damageNotice(id, problem)});
    }
    return hasDamage;
  }

  private async build(
    resolved: ResolvedStage,
    artifactOf: (id: StageId) => ArtifactDigest,
  ): Promise<StageOutcome> {
    const {resources} = this;
    const {stage} = resolved;
    const sourcePaths = await resources.fetchSources(stage.sources);
    const release = await this.queue.slot(this.priorities.get(stage.id) ?? 0);
    if (release === undefined) return {kind: 'cancelled'};
    try {
      if (this.hasFailed) return {kind: 'cancelled'};
      resources.onEvent({type: 'stage-started', stage: stage.id, key: resolved.stageKey});
      return await this.run(resolved, {artifactOf, sourcePaths});
    } finally {
      release();
    }
  }

  /** Runs a stage and publishes what it made. */
  private async run(resolved: ResolvedStage, inputs: StageInputs): Promise<StageOutcome> {
    const {store} = this.resources;
    const {stage, stageKey, key} = resolved;
    const workspace = await store.openWorkspace(stageKey, isResumable(stage) ? key : undefined);
    if (workspace.isResumed) {
      const message = `resuming ${stage.id}: an earlier run left what it had made`;
      this.resources.onEvent({type: 'notice', message});
    }
    try {
      return await this.runIn(workspace, resolved, inputs);
    } catch (error) {
      // Told with the figures of now.
      const full = await store.asFullDisk(error);
      // Its own files may be what fills the disk: nothing could run again, not even `store gc`.
      if ((await store.spaceNotice()) !== undefined) await workspace.remove();
      throw full ?? error;
    }
  }

  private async runIn(
    workspace: Workspace,
    resolved: ResolvedStage,
    inputs: StageInputs,
  ): Promise<StageOutcome> {
    const {resources} = this;
    const {store} = resources;
    const {stage} = resolved;
    const start = performance.now();
    const seconds = (): number => (performance.now() - start) / 1000;
    const log = await store.openLog(stage.id);
    const close = (outcome: LogEnding['outcome']) => log.close({outcome, seconds: seconds()});
    let hasEnded: boolean;
    try {
      hasEnded = await runStage(stage, inputs, workspace, log, resources);
    } catch (error) {
      // On a full disk the log cannot be ended either: what the stage says is told.
      await close('failed').catch(() => undefined);
      throw error;
    }
    await close(hasEnded ? 'built' : 'stopped');
    if (!hasEnded) {
      if (!isResumable(stage)) await workspace.remove();
      return {kind: 'cancelled'};
    }
    let earlier: ArtifactDigest | undefined;
    const run = {seconds: seconds(), log: log.path};
    const artifact = await store.publish(path.join(workspace.path, 'out'), async (made) => {
      earlier = await keepRecord(resolved, {artifact: made, ...run}, store);
    });
    if (earlier !== undefined && earlier !== artifact) {
      resources.onEvent({type: 'stage-differed', stage: stage.id, earlier, now: artifact});
    }
    await workspace.remove();
    return {kind: 'built', artifact, seconds: run.seconds};
  }

  /**
   * Starts the downloads of a stage that will most likely run, while its inputs are still being made. What goes wrong
   * is told by the stage itself, which asks for them again.
   */
  private async prefetch(stage: Stage, key: StageKey): Promise<void> {
    if ((await this.resources.store.findByStageKey(key)) !== undefined) return;
    await this.resources.fetchSources(stage.sources).catch(() => undefined);
  }

  private keyOf(id: StageId): StageKey {
    const key = this.keys.get(id);
    if (key === undefined) throw new InternalError(`no key for stage ${id}`);
    return key;
  }

  private stageOf(id: StageId): Stage {
    const stage = this.graph.stages.get(id);
    if (stage === undefined) throw new InternalError(`no stage ${id}`);
    return stage;
  }
}
