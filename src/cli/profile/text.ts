import {countOf} from '../../report/lines.js';
import type {FunctionCount} from '../../profile/function-counts.js';
import type {ProfileRecord} from '../../profile/profile-record.js';
import {formatBytes, formatTable} from '../table.js';

/** What is shown of a profile. */
export interface ShownProfile {
  /** Its compressed file, absolute. */
  readonly file: string;
  readonly record: ProfileRecord;
  /** How its inputs differ from those of a build in this project. */
  readonly differences: readonly string[];
  /** The most executed first. */
  readonly functions: readonly FunctionCount[];
}

const hottest = 20;

/** A profile for people: its inputs, its coverage, its hottest functions. */
export function profileText({file, record, differences, functions}: ShownProfile): string {
  const total = functions.reduce((sum, {count}) => sum + count, 0);
  const executed = functions.filter(({count}) => count > 0).length;
  const percent = (part: number, whole: number): string =>
    `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(1)} %`;
  const facts = [
    ['file', `${file}, ${formatBytes(record.size)}`],
    ['trained', record.date],
    ['CPython', `${record.python}, source ${record.source.slice(0, 12)}`],
    ['target', `${record.target}, glibc ${record.glibc}`],
    ['options', record.options],
    ['compiler', `clang ${record.llvm}, toolchain ${record.toolchain}`],
    ...(record.tasks ?? []).map(
      ({name, sha256, weight}) =>
        ['program', `${name} (${sha256.slice(0, 12)}), weight ${weight}`] as const,
    ),
    ['counters', record.instrumentation],
    ['patches', `${Object.keys(record.patches).length}`],
    ['configure', countOf(record.configure.length, 'argument')],
    [
      'coverage',
      `${executed} of ${functions.length} functions, ${percent(executed, functions.length)}`,
    ],
    ...differences.map((difference) => ['differs', difference]),
  ] as const;
  const width = Math.max(...facts.map(([title]) => title.length));
  const rows = functions
    .slice(0, hottest)
    .map(({name, count}) => [count, percent(count, total), name]);
  return (
    facts.map(([title, value]) => `${title.padEnd(width)}  ${value}\n`).join('') +
    `\n${formatTable(['count', 'share', 'function'], rows, [0, 1])}`
  );
}
