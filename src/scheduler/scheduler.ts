import type {ArtifactDigest, Sha256, StageKey} from '../core/digest.js';
import {asBuildError, InternalError} from '../core/errors.js';
import type {BuildEstimate, StageOutcome} from '../core/events.js';
import type {RunReason} from '../core/run-reason.js';
import type {Source} from '../core/source.js';
import type {StageId} from '../core/stage-id.js';
import type {JobPool} from '../executor/executor.js';
import type {BuildGraph} from '../graph/graph.js';
import {resolve, stageKeys} from '../graph/key.js';
import {inputStages, type Stage} from '../graph/stage.js';
import {priorities} from './priorities.js';
import {findStored, type ResolvedStage} from './restore.js';
import {runAndPublish} from './run-and-publish.js';
import type {StageResources} from './run-stage.js';
import {StageQueue} from './stage-queue.js';
import type {LockOwner, OwnerLock} from '../store/store.js';

/** The dependencies of a walk over the graph. */
export interface SchedulerResources extends StageResources {
  /** Makes downloads present and returns their paths. */
  readonly fetchSources: (sources: readonly Source[]) => Promise<ReadonlyMap<Sha256, string>>;
  /** Job slots for a graph of host stages alone; otherwise the executor's. */
  readonly pool?: JobPool;
  /** How long the graph will take; called before the first stage runs. */
  readonly estimate?: (graph: BuildGraph) => Promise<BuildEstimate | undefined>;
  /** Why a stage runs; called before it does. */
  readonly reasonOf?: (stage: ResolvedStage) => Promise<RunReason>;
}

/** How every stage of the graph ended. */
export type BuildOutcome = ReadonlyMap<StageId, StageOutcome>;

/**
 * Restores or runs every stage of the graph, independent ones concurrently. After a failure no further stage starts;
 * running ones finish, so that their work is kept.
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

/** Reports that a damaged artifact was removed. */
export function damageNotice(stage: StageId, problem: string): string {
  return `damaged  artifact of ${stage}: ${problem}; it is built again`;
}

/** An input from the store that has not been verified in this run. */
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
  private estimated: Promise<void> | undefined;
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

  /** Shared by everything that needs the stage, which is settled once. */
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

  /** `again` if an input was damaged and is being rebuilt. */
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
    const onWait = ({pid, isHidden, title}: LockOwner): void => {
      // Two stages of this graph may have one key.
      if (pid === process.pid && !isHidden) return;
      const message = `waiting  ${stage.id}: being built by ${title}`;
      this.resources.onEvent({type: 'notice', message});
    };
    const {store, signal} = this.resources;
    await using lock = await store.lock(stageKey, signal, onWait);
    // Another builder may have built it in the meantime.
    const made = await findStored(resolved, this.resources.store);
    if (made !== undefined) return {kind: 'restored', artifact: made};
    if (await this.hasDamaged(restored)) return 'again';
    return await this.build(resolved, artifactOf, lock);
  }

  /** Whether one of these artifacts is damaged. Damaged ones are removed, and their stages settled again. */
  private async hasDamaged(inputs: readonly RestoredInput[]): Promise<boolean> {
    const {store, onEvent} = this.resources;
    let hasDamage = false;
    for (const {id, artifact, settled} of inputs) {
      const problem = await store.discardIfDamaged(artifact, this.resources.signal);
      if (problem === undefined) continue;
      hasDamage = true;
      // Another stage that reads it may have removed it first.
      if (this.outcomes.get(id) !== settled) continue;
      this.outcomes.delete(id);
      onEvent({type: 'notice', message: damageNotice(id, problem)});
    }
    return hasDamage;
  }

  private async build(
    resolved: ResolvedStage,
    artifactOf: (id: StageId) => ArtifactDigest,
    lock: OwnerLock,
  ): Promise<StageOutcome | 'again'> {
    const {resources} = this;
    const {stage} = resolved;
    const sourcePaths = await resources.fetchSources(stage.sources);
    const release = await this.queue.slot(this.priorities.get(stage.id) ?? 0);
    if (release === undefined) return {kind: 'cancelled'};
    try {
      await (this.estimated ??= this.estimate());
      if (this.hasFailed || resources.signal.aborted) return {kind: 'cancelled'};
      const reason = await resources.reasonOf?.(resolved);
      const run = {resolved, inputs: {artifactOf, sourcePaths}, lock};
      return await runAndPublish({...run, ...(reason !== undefined && {reason})}, resources);
    } finally {
      release();
    }
  }

  private async estimate(): Promise<void> {
    const {estimate, onEvent} = this.resources;
    const estimated = await estimate?.(this.graph);
    if (estimated !== undefined) onEvent({type: 'build-estimated', ...estimated});
  }

  /**
   * Starts the downloads of a stage that will probably run while its inputs are being built. Errors are reported by the
   * stage itself, which requests them again.
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
