import semver from 'semver';

/** When a variant holds. A key that is left out holds always; the keys that are there must all hold. */
export interface ModuleCondition {
  /** A range of CPython versions, `>=3.14`. A pre-release counts as its release: 3.15.0rc1 is `>=3.15`. */
  readonly python?: string;
  /** Target triples, one of which must match; `*` stands for any text. */
  readonly target?: readonly string[];
  /** Parts of the build option that must all be there (`debug`) or absent (`!static`). */
  readonly options?: readonly string[];
}

/** What conditions are judged against. `python` is a semantic version as made by `toSemanticVersion`. */
export interface ConditionContext {
  readonly python: string;
  readonly target: string;
  /** The build option, `pgo+lto`. */
  readonly options: string;
}

/** The semantic version of a CPython version (`3.15.0rc1` -> `3.15.0-rc.1`), `undefined` when it is none. */
export function toSemanticVersion(python: string): string | undefined {
  const match = /^(\d{1,4}\.\d{1,4}\.\d{1,4})(?:(a|b|rc)(\d{1,4}))?$/.exec(python);
  if (match === null) return undefined;
  const [, release, phase, number] = match;
  // A dot before the number: otherwise `rc10` would sort before `rc2`.
  const text = phase === undefined ? release : `${release ?? ''}-${phase}.${number ?? ''}`;
  return semver.valid(text) ?? undefined;
}

/** Whether `range` is a range that `matches` can judge. */
export function isVersionRange(range: string): boolean {
  return range.trim() !== '' && semver.validRange(range) !== null;
}

/** Whether the condition holds. */
export function matches(when: ModuleCondition, context: ConditionContext): boolean {
  return (
    (when.python === undefined ||
      semver.satisfies(context.python, when.python, {includePrerelease: true})) &&
    (when.target === undefined ||
      when.target.some((pattern) => matchesPattern(pattern, context.target))) &&
    (when.options === undefined || when.options.every((part) => hasOption(part, context.options)))
  );
}

function hasOption(part: string, options: string): boolean {
  const present = options.split('+');
  return part.startsWith('!') ? !present.includes(part.slice(1)) : present.includes(part);
}

/** Pieces between the stars are found from left to right, so no pattern can make this slow. */
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
