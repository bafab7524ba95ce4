/**
 * How much the tests try. `full`, for `npm run test:full`: every repetition, every size, every program in a process of its
 * own. `usual`, for `npm test`: the same cases with fewer repetitions and smaller sizes, by the same seeds;
 * not those in files named `*.full.test.ts`.
 */
export const scale: 'usual' | 'full' =
  process.env['AMPOULE_TEST_SCALE'] === 'full' ? 'full' : 'usual';

/** A number of repetitions, a size, or a list of cases by the scale of this run. */
export function byScale<T>(values: {readonly usual: T; readonly full: T}): T {
  return values[scale];
}
