import path from 'node:path';
import {variantName, type Variant} from '../core/variant.js';
import type {StageId} from '../core/stage-id.js';
import {subgraph, type BuildGraph} from '../graph/graph.js';
import {stageKeys} from '../graph/key.js';
import type {AuditPlan} from '../stages/audit-stages.js';
import type {DevelopPlan} from '../stages/develop-stage.js';
import type {Plan} from '../stages/plan.js';
import type {ToolchainPlan} from '../stages/toolchain-stages.js';
import type {PlanMark} from '../store/store.js';
import {projectFolder} from './project-folder.js';
import type {StoreOptions} from './options.js';

/** Some stages of a plan, and what they need. */
export interface StagesPlan extends Plan {
  readonly requested: readonly StageId[];
}

/** Build graphs with marks. */
export type MarkedPlan = Plan | StagesPlan | AuditPlan | DevelopPlan | ToolchainPlan;

/** Identifies a mark: the checkout, and what was planned there. */
export type MarkName = Pick<PlanMark, 'checkout' | 'subject'>;

/** The name of the mark of a variant, or of something that belongs to no variant. */
export function markName(
  subject: Variant | 'sandbox',
  options: Pick<StoreOptions, 'project' | 'overlay'>,
): MarkName {
  const checkout = path.resolve(options.project ?? projectFolder);
  if (subject === 'sandbox') return {checkout, subject};
  const over = (options.overlay ?? []).map((folder) => ` with ${path.resolve(folder)}`);
  return {checkout, subject: `cpython-${variantName(subject)}${over.join('')}`};
}

/**
 * The marks of a plan: one for each variant or requested stage, so that a later plan of one of them replaces only its own
 * mark.
 */
export function marksOf(
  plan: MarkedPlan,
  sandbox: BuildGraph,
  options: Pick<StoreOptions, 'project' | 'overlay'>,
): readonly PlanMark[] {
  const {checkout} = markName('sandbox', options);
  if ('requested' in plan) {
    return plan.requested.map((id) =>
      markOf({checkout, subject: `stage ${id}`}, [subgraph(plan.graph, [id]), sandbox]),
    );
  }
  if ('distributions' in plan) {
    const keys = new Map([...stageKeys(plan.graph), ...stageKeys(sandbox)]);
    return plan.distributions.map(({variant, stages}) => {
      const own = new Map([...plan.graph.stages].filter(([id]) => stages.has(id)));
      return markOf(markName(variant, options), [{stages: own}, sandbox], keys);
    });
  }
  if ('inputs' in plan) {
    const subject = `develop ${markName(plan.variant, options).subject}`;
    return [markOf({checkout, subject}, [plan.inputs, sandbox])];
  }
  if ('variant' in plan) {
    const subject = `audit ${markName(plan.variant, options).subject}`;
    return [markOf({checkout, subject}, [plan.upstream, plan.ours, sandbox])];
  }
  const {llvmTargets, sourceSet} = plan.toolchain;
  const parts = [`toolchain bootstrap ${llvmTargets.join(',')}`, variantName({sourceSet})];
  const subject = parts.filter((part) => part !== '').join(' ');
  return [markOf({checkout, subject}, [plan.graph, sandbox])];
}

/** The mark of everything used by these graphs. */
export function markOf(
  name: MarkName,
  graphs: readonly BuildGraph[],
  keys = new Map(graphs.flatMap((graph) => [...stageKeys(graph)])),
): PlanMark {
  const stages = graphs.flatMap((graph) => [...graph.stages.values()]);
  return {
    ...name,
    stages: Object.fromEntries(
      stages.flatMap(({id}) => {
        const key = keys.get(id);
        return key === undefined ? [] : [[id, key] as const];
      }),
    ),
    sources: [...new Set(stages.flatMap((stage) => stage.sources.map(({sha256}) => sha256)))],
    texts: stages.flatMap((stage) =>
      stage.kind === 'sandbox' ? [stage.script, ...Object.values(stage.files)] : [],
    ),
  };
}
