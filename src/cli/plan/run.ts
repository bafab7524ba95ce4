import {stageKeys} from '../../graph/key.js';
import {makePlan} from '../../builder/make-plan.js';
import {openPlanning} from '../../builder/open-planning.js';
import {reportNotices} from '../../builder/open-reporter.js';
import {profileNotices} from '../../builder/profile-notices.js';
import {planOfStages} from '../../builder/find-stage.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import {archivesOf} from '../../builder/build-plan.js';
import {planAsJson} from '../plan-as-json.js';
import {print, printJson} from '../print.js';
import {prospectsOf} from '../../builder/prospects.js';

/** Options of `ampoule plan`. */
export type PlanOptions = CommonOptions & JsonOption & {readonly all?: true};

/** Prints every stage of a plan; with names, those and what they need. Nothing runs and nothing is fetched. */
export async function runPlan(
  options: PlanOptions,
  signal: AbortSignal,
  names: readonly string[] = [],
): Promise<void> {
  const {project, store, sourceSet} = await openPlanning(options, signal, 'make');
  const plan =
    names.length === 0
      ? makePlan(project, options, sourceSet, options.all === true ? 'all' : 'linked')
      : planOfStages(names, project, options, sourceSet);
  await reportNotices(options.progress, profileNotices(plan));
  const keys = stageKeys(plan.graph);
  const prospects = await prospectsOf(plan.graph, store);
  const rows = [...plan.graph.stages.keys()].map((stage) => ({
    stage,
    key: keys.get(stage) ?? '',
    prospect: prospects.get(stage)?.kind ?? 'unknown',
  }));
  if (options.json === true) {
    if (names.length > 0) {
      printJson({stages: rows});
      return;
    }
    const archives = archivesOf(plan).map(({flavour, fileName, stage}) => ({
      flavour,
      fileName,
      stage: stage.id,
    }));
    printJson({...planAsJson(plan), stages: rows, archives});
    return;
  }
  for (const {stage, key, prospect} of rows) {
    print(`${prospect.padEnd(8)} ${key.slice(0, 12)} ${stage}\n`);
  }
}
