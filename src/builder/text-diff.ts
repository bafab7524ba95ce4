import {diffArrays, structuredPatch} from 'diff';
import type {JsonValue} from '../core/digest.js';

/** Context lines around a change. */
const context = 2;
/** A comparison of two generated texts can take minutes. */
const timeout = 1000;

/** The changed lines of a text with `-`, `+` or a blank before each; `@@` before each place. */
export function diffTexts(from: string, to: string): readonly string[] {
  const patch = structuredPatch('', '', from, to, undefined, undefined, {context, timeout});
  if (patch === undefined) return ['(too different to compare)'];
  return patch.hunks.flatMap(({oldStart, oldLines, newStart, newLines, lines}) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
}

/** The changed lines of two values, formatted with one member per line. */
export function diffValues(from: JsonValue, to: JsonValue): readonly string[] {
  return diffTexts(...([from, to].map((value) => `${pretty(value)}\n`) as [string, string]));
}

/** The changed words of two lists of flags, so that `-O2 -> -O3` is visible among forty others. */
export function diffWords(from: string, to: string): readonly string[] {
  const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');
  return diffArrays(words(from), words(to)).flatMap(({added, removed, value}) =>
    added || removed ? [`${added ? '+' : '-'} ${value.join(' ')}`] : [],
  );
}

function pretty(value: JsonValue): string {
  return JSON.stringify(sorted(value), undefined, 1);
}

function sorted(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, member]) => [name, sorted(member ?? null)]),
  );
}
