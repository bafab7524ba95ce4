import {InternalError} from '../../core/errors.js';
import {stageKeys} from '../../graph/key.js';
import {runStages} from '../../builder/build-plan.js';
import {planOfStages} from '../../builder/find-stage.js';
import {openProject} from '../../builder/open-project.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {openSession} from '../../builder/session.js';
import {printJson, printPath} from '../print.js';

/** Builds stages and what they need, libraries with the tests of their recipes, and prints the paths of their trees. */
export async function runBuildStages(
  names: readonly string[],
  options: CommonOptions & JsonOption,
  signal: AbortSignal,
): Promise<void> {
  const project = await openProject(options, signal);
  await using session = await openSession(options, project, signal);
  const sourceSet = await session.chooseSourceSet();
  const plan = planOfStages(names, project, options, sourceSet);
  await session.mark(plan);
  const outcome = await runStages(plan, plan.graph, session);
  const keys = stageKeys(plan.graph);
  const {store} = session;
  const made = await Promise.all(
    plan.requested.map(async (stage) => {
      const key = keys.get(stage);
      const record = key === undefined ? undefined : await store.findByStageKey(key);
      const end = outcome.get(stage);
      if (record === undefined || end === undefined)
        throw new InternalError(`${stage} ended without a record`);
      const path = await store.materialise(record.artifact);
      return {stage, key, outcome: end.kind, artifact: record.artifact, path, log: record.log};
    }),
  );
  session.finish({stages: made.map(({stage, path, log}) => ({stage, path, log}))});
  if (options.json === true) printJson({stages: made});
  else for (const {stage, path} of made) if (plan.named.has(stage)) printPath(path);
}
