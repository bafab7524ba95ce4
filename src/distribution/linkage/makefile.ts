import {DistributionError} from '../distribution-error.js';

/** The used part of CPython's Makefile: variables and one-line rules, not evaluated by a shell. */
export interface Makefile {
  /** Unexpanded values; the last assignment wins, as in make. */
  readonly variables: ReadonlyMap<string, string>;
  /** In the order of the file. Targets and prerequisites are unexpanded. */
  readonly rules: readonly MakefileRule[];
}

/** `target: prerequisites; recipe`, with the recipe only if it is on the same line. */
export interface MakefileRule {
  readonly target: string;
  readonly prerequisites: string;
  readonly recipe: string | undefined;
}

/** Reads a Makefile's text. Conditionals, includes and recipes on lines of their own are skipped. */
export function parseMakefile(text: string): Makefile {
  const variables = new Map<string, string>();
  const rules: MakefileRule[] = [];
  // An empty line ends a value even if its last line has a backslash, as in CPython's `POBJS`.
  for (const line of text.replaceAll(/\\\n[ \t]*/g, ' ').split('\n')) {
    if (line.startsWith('\t') || line.startsWith('#')) continue;
    const assignment = /^\s*([A-Za-z_][\w.-]*)\s*([:+?]?)=\s*(.*)$/.exec(line);
    if (assignment !== null) {
      const [, name = '', operator = '', value = ''] = assignment;
      assign(variables, {name, operator, value: value.trim()});
      continue;
    }
    const rule = /^([^:=]+):(?!=)([^;]*)(?:;(.*))?$/.exec(line);
    if (rule === null) continue;
    const [, target = '', prerequisites = '', recipe] = rule;
    rules.push({
      target: target.trim(),
      prerequisites: prerequisites.trim(),
      recipe: recipe?.trim(),
    });
  }
  return {variables, rules};
}

/**
 * Replaces every `$(NAME)` and `${NAME}` and returns the words. An unknown variable is empty, as in make; calls of make
 * functions are dropped. Throws `DistributionError` if recursive variables would grow without limit.
 */
export function expandWords(makefile: Makefile, text: string): readonly string[] {
  return expand(makefile, text, [], {charactersLeft: maximumCharacters})
    .split(/\s+/)
    .filter((word) => word !== '');
}

function assign(
  variables: Map<string, string>,
  {name, operator, value}: {name: string; operator: string; value: string},
): void {
  const earlier = variables.get(name);
  if (operator === '?' && earlier !== undefined) return;
  const isAppended = operator === '+' && earlier !== undefined;
  variables.set(name, isAppended ? `${earlier} ${value}` : value);
}

/** Many times the length of CPython's longest expanded variable. */
const maximumCharacters = 1 << 20;

function expand(
  makefile: Makefile,
  text: string,
  within: readonly string[],
  budget: {charactersLeft: number},
): string {
  return text.replaceAll(/\$\(([^()]*)\)|\$\{([^{}]*)\}/g, (_match, round, curly) => {
    const name = String(round ?? curly);
    // A variable that refers to itself is an error in make; here it must only not loop.
    if (within.includes(name)) return '';
    const value = makefile.variables.get(name) ?? '';
    budget.charactersLeft -= value.length + 1;
    if (budget.charactersLeft < 0) {
      throw new DistributionError([`Makefile: the value of ${within[0] ?? name} grows too long`]);
    }
    return expand(makefile, value, [...within, name], budget);
  });
}
