import {failure, success, type Diagnostic, type Result} from '../core/errors.js';
import {when} from '../data/condition-schema.js';
import type {Condition, Conditional} from '../data/condition.js';
import {map} from '../data/schema.js';
import {parseYamlFile} from '../data/yaml-file.js';

/** The parts of a patch: the reason at the top, then the changes. Joined they give the whole patch. */
export type PatchSections = readonly Conditional<string>[];

const whenSchema = map({when: when()});
const whenLine = /^When: /;
const fileLine = /^--- /;
const hunkLine = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

/**
 * Splits a patch into its parts, one for each `---` line. A line `When: {python: "<3.14"}` above it limits a part; the
 * others are for every version. So a patch exists once, and only differences between versions are written twice.
 */
export function parsePatch(text: string, file: string): Result<PatchSections> {
  const lines = text.split(/(?<=\n)/);
  const starts = partStarts(lines);
  const mistakes: Diagnostic[] = [];
  const sections = starts.map((start, index): Conditional<string> => {
    const part = lines.slice(start, starts[index + 1]);
    const [first = '', second = ''] = part;
    if (!whenLine.test(first)) return {when: {}, values: [part.join('')]};
    if (!fileLine.test(second)) {
      const message = '"When:" must stand right above the "---" line of the part that it limits';
      mistakes.push({file, line: start + 1, column: 1, message});
    }
    const when = readWhen(first, start, file);
    if (!when.ok) mistakes.push(...when.diagnostics);
    return {when: when.ok ? when.value : {}, values: [part.slice(1).join('')]};
  });
  return mistakes.length > 0 ? failure(mistakes) : success(sections);
}

/** Where the parts begin. Counts the lines of hunks, because patched text may contain anything. */
function partStarts(lines: readonly string[]): readonly number[] {
  const starts = [0];
  let [before, after] = [0, 0];
  for (const [index, line] of lines.entries()) {
    if (before > 0 || after > 0) {
      if (/^[ \-\n]/.test(line)) before -= 1;
      if (/^[ +\n]/.test(line)) after -= 1;
      continue;
    }
    const hunk = hunkLine.exec(line);
    if (hunk !== null) [before, after] = [Number(hunk[1] ?? 1), Number(hunk[2] ?? 1)];
    const isLimited = whenLine.test(lines[index - 1] ?? '');
    if (index > 0 && (whenLine.test(line) || (fileLine.test(line) && !isLimited))) {
      starts.push(index);
    }
  }
  return starts;
}

/** Parses the line as YAML at its own position, so that mistakes have the right position. */
function readWhen(line: string, index: number, file: string): Result<Condition> {
  const yaml = `${'\n'.repeat(index)}${line.replace('When', 'when')}`;
  const result = parseYamlFile(whenSchema, yaml, file);
  return result.ok ? success(result.value.when) : result;
}
