import {InternalError} from '../core/errors.js';
import type {Tree} from '../core/tree-file.js';
import type {Plan} from '../stages/plan.js';
import type {PlannedProfile} from '../stages/profile-stage.js';
import {runStages} from './build-plan.js';
import {partOf} from './part-of.js';
import type {Session} from './session.js';

/** A profile with its artifact: `python.profdata` and `functions.tsv`; of a trained one also `python.profdata.zst`. */
export interface MadeProfile extends PlannedProfile {
  readonly tree: Tree;
}

/** Trains or unpacks the profiles of a plan, and what they need; nothing else of the plan. Throws the first failure. */
export async function makeProfiles(plan: Plan, session: Session): Promise<readonly MadeProfile[]> {
  const {profiles} = plan;
  const graph = partOf(
    plan.graph,
    profiles.map(({stage}) => stage),
  );
  const outcome = await runStages(plan, graph, session);
  session.reporter.close();
  return Promise.all(
    profiles.map(async (profile) => {
      const end = outcome.get(profile.stage);
      if (end?.kind !== 'built' && end?.kind !== 'restored') throw new InternalError(profile.stage);
      const hostPath = await session.store.materialise(end.artifact);
      return {...profile, tree: {hostPath, name: profile.stage}};
    }),
  );
}
