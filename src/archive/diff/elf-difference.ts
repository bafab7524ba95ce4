import {ElfFormatError, rangeOf, type ElfBytes} from '../../elf/elf-bytes.js';
import {readDynamic} from '../../elf/elf-dynamic.js';
import {readElf, sectionTypes, type ElfFile, type ElfSection} from '../../elf/elf-file.js';
import {readDynamicSymbols, readStaticSymbols, type ElfSymbol} from '../../elf/elf-symbols.js';
import {firstDifference} from './first-difference.js';
import {capped, compareNames, type Capped, type NameChanges} from './capped.js';

/** A section whose bytes or size differ, or that only one file has. */
export interface SectionChange {
  /** Further sections of the same name get `#2`, `#3` ... */
  readonly name: string;
  /** `undefined` where the file lacks it. */
  readonly sizeBefore: number | undefined;
  readonly sizeAfter: number | undefined;
}

/** A property whose value differs. */
export interface FieldChange {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** How two ELF files differ. */
export interface ElfDifference {
  readonly kind: 'elf';
  /** Type, machine, soname, rpath, runpath. */
  readonly fields: readonly FieldChange[];
  readonly needed: NameChanges | undefined;
  readonly sections: Capped<SectionChange>;
  /** Symbols that are visible from outside, with their versions; `needs` precedes those that another file defines. */
  readonly dynamicSymbols: NameChanges | undefined;
  /** Symbols of the table that `strip` removes. */
  readonly symbols: NameChanges | undefined;
}

/** Compares two ELF files; `undefined` when one of them cannot be read as such. */
export function compareElf(
  before: ElfBytes,
  after: ElfBytes,
  limit: number,
): ElfDifference | undefined {
  try {
    const old = readElf(before);
    const now = readElf(after);
    return {
      kind: 'elf',
      fields: compareFields(old, now),
      needed: compareNames(readDynamic(old)?.needed ?? [], readDynamic(now)?.needed ?? [], limit),
      sections: capped(compareSections(old, now), limit),
      dynamicSymbols: compareNames(
        readDynamicSymbols(old).map(symbolName),
        readDynamicSymbols(now).map(symbolName),
        limit,
      ),
      symbols: compareNames(
        readStaticSymbols(old).map(symbolName),
        readStaticSymbols(now).map(symbolName),
        limit,
      ),
    };
  } catch (error) {
    if (error instanceof ElfFormatError) return undefined;
    throw error;
  }
}

function symbolName({name, isDefined, version}: ElfSymbol): string {
  const full = version === undefined ? name : `${name}@${version.name}`;
  return isDefined ? full : `needs ${full}`;
}

function compareFields(before: ElfFile, after: ElfFile): readonly FieldChange[] {
  const fieldsOf = (elf: ElfFile): Readonly<Record<string, string>> => {
    const dynamic = readDynamic(elf);
    return {
      type: elf.type,
      machine: String(elf.machine),
      soname: dynamic?.soname ?? '',
      rpath: dynamic?.rpath ?? '',
      runpath: dynamic?.runpath ?? '',
    };
  };
  const now = fieldsOf(after);
  return Object.entries(fieldsOf(before))
    .map(([name, value]) => ({name, before: value, after: now[name] ?? ''}))
    .filter((field) => field.before !== field.after);
}

function compareSections(before: ElfFile, after: ElfFile): readonly SectionChange[] {
  const inOld = sectionsByName(before);
  const inNow = sectionsByName(after);
  return [...new Set([...inOld.keys(), ...inNow.keys()])].flatMap((name) => {
    const [left, right] = [inOld.get(name), inNow.get(name)];
    if (left !== undefined && right !== undefined) {
      const [old, now] = [contentOf(before, left), contentOf(after, right)];
      const isEqual = firstDifference(old, now) === undefined;
      if (isEqual && left.sizeBytes === right.sizeBytes) return [];
    }
    return [{name, sizeBefore: left?.sizeBytes, sizeAfter: right?.sizeBytes}];
  });
}

function sectionsByName(elf: ElfFile): ReadonlyMap<string, ElfSection> {
  const sections = new Map<string, ElfSection>();
  const counts = new Map<string, number>();
  // The first entry of the table is reserved.
  for (const section of elf.sections.slice(1)) {
    const count = (counts.get(section.name) ?? 0) + 1;
    counts.set(section.name, count);
    sections.set(count === 1 ? section.name : `${section.name}#${count}`, section);
  }
  return sections;
}

function contentOf({bytes}: ElfFile, {type, offset, sizeBytes}: ElfSection): ElfBytes {
  const length = type === sectionTypes.noBits ? 0 : sizeBytes;
  if (length > 0 && offset + length > bytes.sizeBytes) {
    throw new ElfFormatError('a section lies outside the file');
  }
  return rangeOf(bytes, offset, length);
}
