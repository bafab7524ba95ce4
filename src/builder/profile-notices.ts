import {profileDifferences} from '../profile/profile-differences.js';
import {profileExtensions} from '../profile/profile-record.js';
import type {Plan} from '../stages/plan.js';

/** For each frozen profile of a plan that was made from other inputs than the plan's: which ones differ. */
export function profileNotices({profiles}: Pick<Plan, 'profiles'>): readonly string[] {
  return profiles.flatMap(({place, frozen, inputs}) => {
    const differences = frozen === undefined ? [] : profileDifferences(frozen.record, inputs);
    if (differences.length === 0) return [];
    return [
      `${place}${profileExtensions.profile} was made from other inputs: ${differences.join('; ')}. ` +
        'The build fails if it does not fit.',
    ];
  });
}
