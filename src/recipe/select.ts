import semver from 'semver';
import type {BuildContext} from '../core/target.js';
import type {Condition, Conditional} from './recipe.js';

/** The values whose conditions hold, in the order they are written. The one place where `when:` is decided. */
export function select<T>(entries: readonly Conditional<T>[], context: BuildContext): readonly T[] {
  return entries
    .filter((entry) => matches(entry.when, context))
    .flatMap((entry) => [...entry.values]);
}

/** Whether every part of the condition holds. A pre-release counts as its release: 3.15.0rc1 is `>=3.15`. */
export function matches(when: Condition, context: BuildContext): boolean {
  return (
    (when.python === undefined || isPythonIn(context.python, when.python)) &&
    (when.target === undefined ||
      when.target.some((pattern) => matchesPattern(context.target, pattern))) &&
    (when.sources === undefined || when.sources.includes(context.sourceSet)) &&
    (when.options === undefined ||
      when.options.every((part) => hasOption(context.options.split('+'), part)))
  );
}

function isPythonIn(version: string, range: string): boolean {
  // CPython writes 3.15.0rc1 where semver wants 3.15.0-rc.1.
  const semantic = version.replace(/(?<=\d)(a|b|rc)(\d+)$/, '-$1.$2');
  return semver.satisfies(semantic, range, {includePrerelease: true});
}

function hasOption(present: readonly string[], part: string): boolean {
  return part.startsWith('!') ? !present.includes(part.slice(1)) : present.includes(part);
}

function matchesPattern(text: string, pattern: string): boolean {
  const [head = '', ...others] = pattern.split('*');
  const tail = others.pop();
  if (tail === undefined) return text === pattern;
  if (!text.startsWith(head) || text.length < head.length + tail.length) return false;
  let rest = text.slice(head.length, text.length - tail.length);
  for (const part of others) {
    const at = rest.indexOf(part);
    if (at < 0) return false;
    rest = rest.slice(at + part.length);
  }
  return text.endsWith(tail);
}
