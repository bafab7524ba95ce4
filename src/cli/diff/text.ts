import {countOf} from '../../report/lines.js';
import type {Capped, NameChanges} from '../../archive/diff/capped.js';
import type {ContentDifference} from '../../archive/diff/content-difference.js';
import type {
  ArchiveDifference,
  ChangedMember,
  LoneMember,
} from '../../archive/diff/diff-archives.js';
import type {ElfDifference, FieldChange} from '../../archive/diff/elf-difference.js';
import {assertNever} from '../../core/errors.js';
import {printableLine} from '../../core/printable.js';
import {formatBytes} from '../table.js';

/** Whether folders of only one archive are listed member by member. */
export type DiffDetail = 'short' | 'all';

/** Formats how two archives differ. */
export function differenceText(difference: ArchiveDifference, detail: DiffDetail): string {
  const {fields, onlyInA, onlyInB, changed} = difference;
  const count = fields.length + onlyInA.length + onlyInB.length + changed.length;
  if (count === 0) {
    return 'The members are equal. The files differ in compression or in the order of members.\n';
  }
  const lines = [
    ...fields.map((field) => `every member: ${fieldText(field)}`),
    ...loneLines('only in A', onlyInA, detail),
    ...loneLines('only in B', onlyInB, detail),
    ...changed.flatMap(changedLines),
    '',
    `${changed.length} changed, ${onlyInA.length} only in A, ${onlyInB.length} only in B`,
  ];
  return lines.map((line) => `${printableLine(line)}\n`).join('');
}

function fieldText({name, before, after}: FieldChange): string {
  return `${name} ${before === '' ? '(none)' : before} -> ${after === '' ? '(none)' : after}`;
}

function loneLines(
  title: string,
  members: readonly LoneMember[],
  detail: DiffDetail,
): readonly string[] {
  const groups = new Map<string, {count: number; bytes: number}>();
  for (const {path, sizeBytes, loneFolder} of members) {
    const name = detail === 'short' && loneFolder !== undefined ? `${loneFolder}/` : path;
    const group = groups.get(name) ?? {count: 0, bytes: 0};
    groups.set(name, {count: group.count + 1, bytes: group.bytes + sizeBytes});
  }
  return [...groups].map(([name, {count, bytes}]) => {
    const size = name.endsWith('/')
      ? `${countOf(count, 'member')}, ${formatBytes(bytes)}`
      : formatBytes(bytes);
    return `${title}: ${name} (${size})`;
  });
}

function changedLines({path, sizeBefore, sizeAfter, fields, content}: ChangedMember): string[] {
  const size =
    sizeBefore === sizeAfter ? `${sizeBefore} bytes` : `${sizeBefore} -> ${sizeAfter} bytes`;
  return [
    `changed: ${path}${content === undefined ? '' : ` (${size})`}`,
    ...indent(fields.map(fieldText)),
    ...indent(content === undefined ? [] : contentLines(content)),
  ];
}

function contentLines(content: ContentDifference): readonly string[] {
  switch (content.kind) {
    case 'elf':
      return elfLines(content);
    case 'static library':
      return [
        ...nameLines('member', content.members),
        ...cappedLines(content.changed, 'changed members').flatMap((item) =>
          typeof item === 'string'
            ? [item]
            : [`member ${item.name}`, ...indent(contentLines(item.difference))],
        ),
      ];
    case 'json':
      return cappedLines(content.changes, 'changed values').flatMap((item) => {
        if (typeof item === 'string') return [item];
        const {path, before, after} = item;
        if (before === undefined) return [`+ ${path}: ${after ?? ''}`];
        return after === undefined ? [`- ${path}: ${before}`] : [`${path}: ${before} -> ${after}`];
      });
    case 'text':
      return cappedLines(content.lines, 'lines');
    case 'bytes':
      return [`the first difference is at byte ${content.firstOffset}`];
    default:
      return assertNever(content);
  }
}

function elfLines(elf: ElfDifference): readonly string[] {
  const sections = cappedLines(elf.sections, 'sections').map((item) => {
    if (typeof item === 'string') return item;
    const {name, sizeBefore, sizeAfter} = item;
    if (sizeBefore === undefined) return `section ${name}: only in B, ${sizeAfter ?? 0} bytes`;
    if (sizeAfter === undefined) return `section ${name}: only in A, ${sizeBefore} bytes`;
    if (sizeBefore === sizeAfter) return `section ${name}: other content, ${sizeBefore} bytes`;
    return `section ${name}: ${sizeBefore} -> ${sizeAfter} bytes`;
  });
  const lines = [
    ...elf.fields.map(fieldText),
    ...nameLines('needed library', elf.needed),
    ...sections,
    ...nameLines('dynamic symbol', elf.dynamicSymbols),
    ...nameLines('symbol', elf.symbols),
  ];
  return lines.length > 0 ? lines : ['no section differs: headers or padding do'];
}

function nameLines(what: string, names: NameChanges | undefined): readonly string[] {
  if (names === undefined) return [];
  const lines = (list: Capped<string>, sign: string) =>
    cappedLines(
      {items: list.items.map((name) => `${sign} ${what} ${name}`), omitted: list.omitted},
      `${what}s`,
    );
  return [...lines(names.removed, '-'), ...lines(names.added, '+')];
}

/** The items, and a line with the number of omitted ones. */
function cappedLines<T>({items, omitted}: Capped<T>, what: string): (T | string)[] {
  return omitted === 0
    ? [...items]
    : [...items, `... and ${omitted} more ${what} (--full shows all)`];
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
