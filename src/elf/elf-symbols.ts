import {ElfFormatError} from './elf-bytes.js';
import type {ElfView} from './elf-bytes.js';
import {sectionTypes, sectionView} from './elf-file.js';
import type {ElfFile, ElfSection} from './elf-file.js';

/** A symbol's version: `GLIBC_2.17`. */
export interface ElfSymbolVersion {
  readonly name: string;
  /** The soname of the library that must provide it; `undefined` if this file defines it. */
  readonly library: string | undefined;
  /** `foo@@V` is the default that the linker picks, `foo@V` is not. Always true for a version that is needed. */
  readonly isDefault: boolean;
}

/** One entry of a symbol table. */
export interface ElfSymbol {
  readonly name: string;
  readonly binding: 'local' | 'global' | 'weak' | 'other';
  /** `STT_*`: 1 is data, 2 a function, 6 thread-local. */
  readonly type: number;
  readonly visibility: 'default' | 'internal' | 'hidden' | 'protected';
  /** Whether this file defines it; otherwise another file must. */
  readonly isDefined: boolean;
  /** Index of its section. Values from 0xff00 on are no sections: 0xfff1 is an absolute value. */
  readonly sectionIndex: number;
  readonly value: number;
  readonly sizeBytes: number;
  /** `undefined` for a symbol without a version. */
  readonly version: ElfSymbolVersion | undefined;
}

/** Many times the number in libpython. */
const maximumSymbols = 1 << 19;

/** The number of versions that a symbol's index can distinguish, and the limit for library records. */
const maximumRecords = 1 << 16;

const bindings = ['local', 'global', 'weak'] as const;
const visibilities = ['default', 'internal', 'hidden', 'protected'] as const;

/** The dynamic symbols with their versions, in the order of the file; none for a file without a dynamic symbol table. */
export function readDynamicSymbols(elf: ElfFile): readonly ElfSymbol[] {
  const table = elf.sections.find(({type}) => type === sectionTypes.dynamicSymbols);
  if (table === undefined) return [];
  const versions = readVersions(elf);
  const indices = elf.sections.find(({type}) => type === sectionTypes.symbolVersions);
  const indexView = indices === undefined ? undefined : sectionView(elf, indices);
  return readTable(elf, table, (position) => {
    if (indexView === undefined) return undefined;
    const index = indexView.u16(position * 2);
    const version = versions.get(index & 0x7fff);
    return version && {...version, isDefault: (index & 0x8000) === 0};
  });
}

/** The symbols of the static symbol table, which `strip` removes; none without such a table. */
export function readStaticSymbols(elf: ElfFile): readonly ElfSymbol[] {
  const table = elf.sections.find(({type}) => type === sectionTypes.symbolTable);
  return table === undefined ? [] : readTable(elf, table, () => undefined);
}

/** The versions that the file requires from others (`GLIBC_2.14` of `libc.so.6`), whether or not a symbol uses them. */
export function readNeededVersions(elf: ElfFile): readonly ElfSymbolVersion[] {
  return [...readVersions(elf).values()].filter(({library}) => library !== undefined);
}

function readTable(
  elf: ElfFile,
  table: ElfSection,
  versionOf: (position: number) => ElfSymbolVersion | undefined,
): readonly ElfSymbol[] {
  const size = elf.encoding.is64Bit ? 24 : 16;
  const view = sectionView(elf, table);
  const strings = linkedStrings(elf, table);
  const count = Math.floor(view.sizeBytes / size);
  if (count > maximumSymbols) {
    throw new ElfFormatError(
      `section ${table.name}: ${count} symbols, more than ${maximumSymbols}`,
    );
  }
  // The first entry of every symbol table is reserved and means "no symbol".
  return Array.from({length: Math.max(0, count - 1)}, (_, index) => {
    const position = index + 1;
    const at = position * size;
    const is64 = elf.encoding.is64Bit;
    const information = view.u8(at + (is64 ? 4 : 12));
    const sectionIndex = view.u16(at + (is64 ? 6 : 14));
    return {
      name: strings.text(view.u32(at)),
      binding: bindings[information >> 4] ?? 'other',
      type: information & 0xf,
      visibility: visibilities[view.u8(at + (is64 ? 5 : 13)) & 3] ?? 'default',
      isDefined: sectionIndex !== 0,
      sectionIndex,
      value: is64 ? view.u64(at + 8) : view.u32(at + 4),
      sizeBytes: is64 ? view.u64(at + 16) : view.u32(at + 8),
      version: versionOf(position),
    };
  });
}

function linkedStrings(elf: ElfFile, section: ElfSection): ElfView {
  const strings = elf.sections[section.link];
  if (strings?.type !== sectionTypes.stringTable) {
    throw new ElfFormatError(`section ${section.name}: it has no string table`);
  }
  return sectionView(elf, strings);
}

interface VersionTable {
  readonly byIndex: Map<number, ElfSymbolVersion>;
  /** Chains may overlap: without a count, a small file could keep a reader busy forever. */
  recordsLeft: number;
}

function readVersions(elf: ElfFile): ReadonlyMap<number, ElfSymbolVersion> {
  const versions: VersionTable = {byIndex: new Map(), recordsLeft: maximumRecords};
  for (const section of elf.sections) {
    if (section.type === sectionTypes.versionNeeds) readNeeds(elf, section, versions);
    if (section.type === sectionTypes.versionDefinitions) readDefinitions(elf, section, versions);
  }
  return versions.byIndex;
}

/** `info` of the section header counts the libraries; the records are a chain of relative offsets. */
function readNeeds(elf: ElfFile, section: ElfSection, versions: VersionTable): void {
  const view = sectionView(elf, section);
  const strings = linkedStrings(elf, section);
  eachInChain(view, {at: 0, count: section.info, nextField: 12, versions}, (library) => {
    const soname = strings.text(view.u32(library + 4));
    const first = library + view.u32(library + 8);
    eachInChain(
      view,
      {at: first, count: view.u16(library + 2), nextField: 12, versions},
      (need) => {
        const name = strings.text(view.u32(need + 8));
        versions.byIndex.set(view.u16(need + 6) & 0x7fff, {name, library: soname, isDefault: true});
      },
    );
  });
}

function readDefinitions(elf: ElfFile, section: ElfSection, versions: VersionTable): void {
  const view = sectionView(elf, section);
  const strings = linkedStrings(elf, section);
  eachInChain(view, {at: 0, count: section.info, nextField: 16, versions}, (definition) => {
    // The base definition is the name of the file, not a version of a symbol.
    if ((view.u16(definition + 2) & 1) !== 0) return;
    const name = strings.text(view.u32(definition + view.u32(definition + 12)));
    const index = view.u16(definition + 4) & 0x7fff;
    versions.byIndex.set(index, {name, library: undefined, isDefault: true});
  });
}

function eachInChain(
  view: ElfView,
  chain: {
    readonly at: number;
    readonly count: number;
    readonly nextField: number;
    readonly versions: VersionTable;
  },
  visit: (at: number) => void,
): void {
  let at = chain.at;
  for (let index = 0; index < chain.count; index += 1) {
    chain.versions.recordsLeft -= 1;
    if (chain.versions.recordsLeft < 0) throw new ElfFormatError('its versions have no end');
    visit(at);
    // A step of 0 ends the chain, whatever the count says; otherwise this record would repeat.
    const step = view.u32(at + chain.nextField);
    if (step === 0) return;
    at += step;
  }
}
