import type {ArtifactDigest} from '../core/digest.js';
import {InternalError} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {Execution} from '../executor/executor.js';
import type {BuildGraph} from '../graph/graph.js';
import type {SandboxStage} from '../graph/stage.js';
import {executionOf, type StageInputs} from '../scheduler/run-stage.js';
import {runGraph} from '../scheduler/scheduler.js';
import type {MarkedPlan} from './mark-plan.js';
import type {Session} from './session.js';

/** A plan, and the graph of what a stage needs. */
export interface StageSetting {
  readonly plan: MarkedPlan;
  readonly inputs: BuildGraph;
}

/** Builds or restores the stage's inputs, and returns the execution that a build would run. */
export async function executionWithInputs(
  stage: SandboxStage,
  setting: StageSetting,
  session: Session,
): Promise<Execution> {
  const {signal} = session.resources;
  await session.requireMeans(setting.inputs);
  const sourcePaths = await session.resources.fetchSources(stage.sources);
  const artifactOf = await makeInputs(setting, session);
  signal.throwIfAborted();
  return executionOf(stage, {artifactOf, sourcePaths}, session.store);
}

/** Builds or restores every stage of a graph. Throws the first failure. */
export async function makeInputs(
  {plan, inputs}: StageSetting,
  session: Session,
): Promise<StageInputs['artifactOf']> {
  const resources = session.resourcesOf(plan);
  const outcome = await runGraph(inputs, resources);
  for (const made of outcome.values()) if (made.kind === 'failed') throw made.error;
  resources.signal.throwIfAborted();
  return (id: StageId): ArtifactDigest => {
    const made = outcome.get(id);
    if (made?.kind === 'built' || made?.kind === 'restored') return made.artifact;
    throw new InternalError(`${id} was not made`);
  };
}
