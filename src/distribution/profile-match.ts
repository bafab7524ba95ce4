import * as v from 'valibot';
import {parseJsonText} from '../data/json-text.js';
import {readOrThrow} from './distribution-error.js';

const profileMatch = v.object({
  /** The functions of the profile. */
  functions: v.number(),
  /** Those that the compiler found with another control flow, and left without their counts. */
  mismatched: v.number(),
  /** The most executed functions, with 99 % of all counts. */
  hot: v.number(),
  hot_mismatched: v.number(),
});

/** How a frozen profile fits the source that was compiled: numbers of functions. */
export type ProfileMatch = v.InferOutput<typeof profileMatch>;

/** Reads the cpython artifact's `profile-match.json`. @throws DistributionError for anything else. */
export function parseProfileMatch(json: string): ProfileMatch {
  return readOrThrow(parseJsonText('profile-match.json', json, profileMatch));
}
