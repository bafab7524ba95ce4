// Not `semver` itself, which loads forty files.
import satisfies from 'semver/functions/satisfies.js';
import valid from 'semver/functions/valid.js';
import type {SourceSet, Target} from '../core/target.js';
import type {BuildOption} from '../core/build-options.js';
import type {Variant} from '../core/variant.js';

/** A `when:` block. All of its keys must match; an empty block always matches. */
export interface Condition {
  /** A semver range of CPython versions, `>=3.13 <3.15`. A pre-release counts as its release: 3.15.0rc1 is `>=3.15`. */
  readonly python?: string;
  /** Target triples, in which `*` matches any text; one must match. */
  readonly target?: readonly string[];
  /** Source sets, one of which must be in use. */
  readonly sources?: readonly SourceSet[];
  /** Build options, all of which must be present (`debug`, or one of `asan|ubsan`) or absent (`!static`). */
  readonly options?: readonly string[];
}

/** Values that apply if their condition matches. */
export interface Conditional<T> {
  readonly when: Condition;
  readonly values: readonly T[];
}

/** The context in which a condition is evaluated. A condition on a missing value does not match. */
export type ConditionContext = Partial<
  Pick<Variant, 'python' | 'options' | 'sourceSet' | 'ownTree'>
> & {
  /** Only its triple: the archive of another producer may be for an unknown target. */
  readonly target: Pick<Target, 'triple'>;
};

/** The values whose conditions match, in the order of the file. */
export function select<T>(
  entries: readonly Conditional<T>[],
  context: ConditionContext,
): readonly T[] {
  return entries
    .filter((entry) => matches(entry.when, context))
    .flatMap((entry) => [...entry.values]);
}

/** Whether a condition matches. `when:` is evaluated nowhere else. */
export function matches(when: Condition, context: ConditionContext): boolean {
  const {python, target, sources, options} = when;
  return (
    (python === undefined ||
      isPythonIn(context.ownTree?.likePython ?? context.python ?? '', python)) &&
    (target === undefined ||
      target.some((pattern) => matchesPattern(pattern, context.target.triple))) &&
    (sources === undefined || sources.some((set) => set === context.sourceSet)) &&
    (options === undefined || (context.options !== undefined && holds(options, context.options)))
  );
}

/** The semantic version of a CPython version (`3.15.0rc1` -> `3.15.0-rc.1`), `undefined` if it is not one. */
export function toSemanticVersion(python: string): string | undefined {
  const match = /^(\d{1,4}\.\d{1,4}\.\d{1,4})(?:(a|b|rc)(\d{1,4}))?$/.exec(python);
  if (match === null) return undefined;
  const [, release, phase, number] = match;
  // The dot before the number makes `rc10` sort after `rc2`.
  const text = phase === undefined ? release : `${release ?? ''}-${phase}.${number ?? ''}`;
  return valid(text) ?? undefined;
}

/** Whether a CPython version is in a semver range; a pre-release counts as its release. */
export function isPythonIn(python: string, range: string): boolean {
  const version = toSemanticVersion(python);
  return version !== undefined && satisfies(version, range, {includePrerelease: true});
}

function holds(terms: readonly string[], options: readonly BuildOption[]): boolean {
  const present: readonly string[] = options;
  return terms.every((term) =>
    term.startsWith('!')
      ? !present.includes(term.slice(1))
      : term.split('|').some((option) => present.includes(option)),
  );
}

/** The pieces between the stars are matched from left to right, so no pattern is slow. */
function matchesPattern(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return pattern === text;
  if (!text.startsWith(head)) return false;
  let position = head.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return text.length - tail.length >= position && text.endsWith(tail);
}
