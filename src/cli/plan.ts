import type {ArtifactDigest} from '../core/digest.js';
import {InternalError} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import {resolve, stageKeys} from '../graph/key.js';
import {inputStages, type Stage} from '../graph/stage.js';
import type {Plan} from '../stages/plan.js';
import {DiskStore} from '../store/disk-store.js';
import {loadProject} from './load-project.js';
import {makePlan} from './make-plan.js';
import {rememberedSourceSet} from './open-fetcher.js';
import {openReporter} from './open-reporter.js';
import type {CommonOptions} from './options.js';

/**
 * What a build would do with a stage: restore it; run it; or not known yet, because an input is made anew and may or
 * may not come out with the same bytes.
 */
type Prospect = 'restore' | 'run' | 'unknown';

/** Prints every stage of a plan. Nothing runs and nothing is fetched. */
export async function runPlan(
  python: string | undefined,
  options: CommonOptions & {readonly json?: true},
): Promise<void> {
  const project = await loadProject(options.project);
  const store = await DiskStore.open(options.store);
  const reporter = openReporter(options.progress);
  const sourceSet = await rememberedSourceSet(options.sources, project, {
    store,
    onEvent: reporter.onEvent,
    signal: new AbortController().signal,
  });
  const plan = makePlan(project, python, options, sourceSet);
  const keys = stageKeys(plan.graph);
  const prospects = await prospectsOf(plan, store);
  const rows = [...plan.graph.stages.keys()].map((stage) => ({
    stage,
    key: keys.get(stage) ?? '',
    prospect: prospects.get(stage) ?? 'unknown',
  }));
  if (options.json === true) {
    const archives = plan.archives.map(({flavour, fileName, stage}) => ({
      flavour,
      fileName,
      stage: stage.id,
    }));
    process.stdout.write(
      `${JSON.stringify({...plan.context, stages: rows, archives}, undefined, 2)}\n`,
    );
    return;
  }
  for (const {stage, key, prospect} of rows) {
    process.stdout.write(`${prospect.padEnd(8)} ${key.slice(0, 12)} ${stage}\n`);
  }
}

async function prospectsOf(plan: Plan, store: DiskStore): Promise<ReadonlyMap<StageId, Prospect>> {
  const digests = new Map<StageId, ArtifactDigest>();
  const prospects = new Map<StageId, Prospect>();
  for (const stage of plan.graph.stages.values()) {
    const digest = await storedArtifact(stage, digests, store);
    if (digest !== undefined) {
      digests.set(stage.id, digest);
      prospects.set(stage.id, 'restore');
      continue;
    }
    const isResolved = inputStages(stage).every((id) => digests.has(id));
    const hasRunBefore = (await store.findNewest(stage.id)) !== undefined;
    prospects.set(stage.id, isResolved || !hasRunBefore ? 'run' : 'unknown');
  }
  return prospects;
}

async function storedArtifact(
  stage: Stage,
  digests: ReadonlyMap<StageId, ArtifactDigest>,
  store: DiskStore,
): Promise<ArtifactDigest | undefined> {
  if (!inputStages(stage).every((id) => digests.has(id))) return undefined;
  const digestOf = (id: StageId): ArtifactDigest => {
    const digest = digests.get(id);
    if (digest === undefined) throw new InternalError(`${id} is no input of ${stage.id}`);
    return digest;
  };
  const record = await store.findByResolvedKey(resolve(stage, digestOf).key);
  if (record === undefined || !(await store.hasArtifact(record.artifact))) return undefined;
  return record.artifact;
}
