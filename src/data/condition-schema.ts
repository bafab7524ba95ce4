import validRange from 'semver/ranges/valid.js';
import * as v from 'valibot';
import {sourceSets} from '../core/target.js';
import {buildOptions} from '../core/build-options.js';
import type {Condition} from './condition.js';
import {choice, describe, list, map, mustBe, optional, text, type Schema} from './schema.js';

const range = {pattern: /^.{1,200}$/, wanted: 'a semver range such as ">=3.13"'};
const anyOption = `(${buildOptions.join('|')})`;
const option = {
  pattern: new RegExp(`^(!${anyOption}|${anyOption}([|]${anyOption})*)$`),
  wanted: `one of ${buildOptions.join(', ')}, several of which one is enough, as in asan|tsan, or one that must be absent, as in !debug`,
};

const entries = {
  python: describe(
    v.pipe(text(range), v.check(isVersionRange, mustBe(range.wanted))),
    'A semver range of CPython versions. A pre-release counts as its release: 3.15.0rc1 is >=3.15.',
  ),
  target: describe(
    list(text({pattern: /^[a-z0-9_*-]{1,100}$/, wanted: 'a target triple, with "*" for any text'})),
    'Target triples of which one must match; "*" stands for any text.',
  ),
  sources: describe(
    v.pipe(
      list(choice(sourceSets)),
      v.transform((names) => sourceSets.filter((set) => names.includes(set))),
    ),
    'Source sets of which one must be in use.',
  ),
  options: describe(
    list(text(option)),
    'Build options that must all be in use (debug, or one of asan|tsan) or absent (!debug).',
  ),
};

/** The schema of a condition with any key. */
export const anyCondition = conditionOn(['python', 'target', 'sources', 'options']);

/** The schema of a condition in a context without source sets. */
export const sourcelessCondition = conditionOn(['python', 'target', 'options']);

/** The schema of an optional `when:`; a missing one always matches. */
export function when(condition: Schema<Condition> = anyCondition): Schema<Condition> {
  return optional(condition, {});
}

/** The schema of a condition that allows only `keys`. */
function conditionOn(keys: readonly (keyof Condition)[]): Schema<Condition> {
  const allowed = Object.fromEntries(keys.map((key) => [key, v.exactOptional(entries[key])]));
  return describe(map(allowed), 'When this holds: every key must match.');
}

function isVersionRange(text: string): boolean {
  return text.trim() !== '' && validRange(text) !== null;
}
