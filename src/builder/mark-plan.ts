import path from 'node:path';
import {majorMinorOf, printBuildOptions} from '../core/variant.js';
import type {BuildGraph} from '../graph/graph.js';
import {stageKeys} from '../graph/key.js';
import type {AuditPlan, Plan} from '../stages/plan.js';
import type {ToolchainPlan} from '../stages/toolchain-stages.js';
import type {PlanMark} from '../store/store.js';
import {projectFolder} from './project-folder.js';
import type {StoreOptions} from './options.js';

/** Something with build graphs that is marked as one. */
export type MarkedPlan = Plan | AuditPlan | ToolchainPlan;

/** What names a mark: the checkout, and what was planned there. */
export function markName(
  subject: MarkedPlan | 'sandbox',
  options: Pick<StoreOptions, 'project'>,
): Pick<PlanMark, 'checkout' | 'subject'> {
  const checkout = path.resolve(options.project ?? projectFolder);
  if (subject === 'sandbox') return {checkout, subject};
  if ('toolchain' in subject) {
    const targets = subject.toolchain.llvmTargets.join(',');
    return {checkout, subject: `toolchain bootstrap ${targets}`};
  }
  const {python, target, options: option, toolchain} = subject.context;
  const what = 'graph' in subject ? '' : 'audit ';
  const by = toolchain === 'debian' ? '' : ` ${toolchain}`;
  return {
    checkout,
    subject: `${what}cpython-${majorMinorOf(python)} ${target.triple} ${printBuildOptions(option)}${by}`,
  };
}

/** The graphs that a plan runs. */
export function graphsOf(plan: MarkedPlan): readonly BuildGraph[] {
  return 'graph' in plan ? [plan.graph] : [plan.upstream, plan.ours];
}

/** The mark of everything that these graphs use. */
export function markOf(name: ReturnType<typeof markName>, graphs: readonly BuildGraph[]): PlanMark {
  const stages = graphs.flatMap((graph) => [...graph.stages.values()]);
  return {
    ...name,
    stages: Object.fromEntries(graphs.flatMap((graph) => [...stageKeys(graph)])),
    sources: [...new Set(stages.flatMap((stage) => stage.sources.map(({sha256}) => sha256)))],
    texts: stages.flatMap((stage) =>
      stage.kind === 'sandbox' ? [stage.script, ...Object.values(stage.files)] : [],
    ),
  };
}
