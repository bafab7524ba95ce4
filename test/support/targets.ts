import {loadTargets} from '../../src/builder/load-targets.js';
import {InternalError, valueOrThrow} from '../../src/core/errors.js';
import type {Target} from '../../src/core/target.js';

/** The targets that Ampoule has files for. */
export const ownTargets: readonly Target[] = valueOrThrow(await loadTargets());

/** The target that most tests are about. */
export const x86Target: Target = targetOf('x86_64-unknown-linux-gnu');

function targetOf(triple: string): Target {
  const target = ownTargets.find((candidate) => candidate.triple === triple);
  if (target === undefined) throw new InternalError(`there is no targets/${triple}.yaml`);
  return target;
}
