import {structuredPatch} from 'diff';
import type {ElfBytes} from '../../elf/elf-bytes.js';
import {capped, type Capped} from './capped.js';

/** How two texts differ. */
export interface TextDifference {
  readonly kind: 'text';
  /** Lines of a unified diff, hunk heads included. */
  readonly lines: Capped<string>;
}

/** Longer texts are compared as bytes. */
const maximumBytes = 8 << 20;
/** Comparing texts with little in common takes long and shows little. */
const timeoutMs = 3000;

/** Decodes bytes as text; `undefined` if they are not UTF-8, contain a zero byte or are very long. */
export function asText(file: ElfBytes): string | undefined {
  if (file.sizeBytes > maximumBytes) return undefined;
  const bytes = file.slice(0, file.sizeBytes);
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Compares two different texts line by line. */
export function compareText(before: string, after: string, limit: number): TextDifference {
  const patch = structuredPatch('', '', before, after, '', '', {context: 2, timeout: timeoutMs});
  const lines =
    patch === undefined
      ? firstDifferentLine(before, after)
      : patch.hunks.flatMap(({oldStart, oldLines, newStart, newLines, lines}) => [
          `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
          ...lines,
        ]);
  return {kind: 'text', lines: capped(lines, limit)};
}

function firstDifferentLine(before: string, after: string): readonly string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const at = old.findIndex((line, index) => line !== now[index]);
  const index = at < 0 ? old.length : at;
  return [
    `@@ -${index + 1} +${index + 1} @@ (too different to compare line by line; the first difference)`,
    `-${old[index] ?? ''}`,
    `+${now[index] ?? ''}`,
  ];
}
