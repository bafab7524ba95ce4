import {archivesOf, buildPlan, openOutput, type BuiltPlan} from '../../builder/build-plan.js';
import {openProject} from '../../builder/open-project.js';
import {makePlan} from '../../builder/make-plan.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {openSession} from '../../builder/session.js';
import type {Plan} from '../../stages/plan.js';
import {planAsJson} from '../plan-as-json.js';
import {printJson, printPath} from '../print.js';

/** Builds the archives of the distributions that the options name, copies them into the output folder and prints their paths. */
export async function runBuild(
  options: CommonOptions & JsonOption,
  signal: AbortSignal,
): Promise<void> {
  const project = await openProject(options, signal);
  const output = await openOutput(options.output);
  await using session = await openSession(options, project, signal);
  const plan = makePlan(project, options, await session.chooseSourceSet());
  if (options.json === true) {
    const built = await buildPlan(plan, {output, reading: 'again'}, session);
    printJson(describe(plan, built));
    return;
  }
  await buildPlan(plan, {output, onArchive: printPath}, session);
}

/** A build as JSON: its archives, and how every stage ended. */
function describe(plan: Plan, built: BuiltPlan): object {
  const planned = archivesOf(plan);
  const archives = planned.map(({flavour, fileName, stage}, index) => {
    const {path = '', sizeBytes, sha256} = built.archives[index] ?? {};
    return {flavour, fileName, path, sizeBytes, sha256, stage: stage.id};
  });
  const stages = [...built.outcome].map(([stage, {kind, ...details}]) => ({
    stage,
    outcome: kind,
    ...details,
  }));
  return {...planAsJson(plan), archives, stages};
}
