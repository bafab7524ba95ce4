import {ElfFormatError, viewOf} from './elf-bytes.js';
import type {ElfView} from './elf-bytes.js';
import {fileOffsetOf, segmentTypes} from './elf-file.js';
import type {ElfFile, ElfSegment} from './elf-file.js';

/** The dynamic section: the libraries that an object needs and where the loader searches for them. */
export interface ElfDynamic {
  /** `DT_NEEDED`, in the order of the file, which is the order of loading. */
  readonly needed: readonly string[];
  /** `DT_SONAME`; `undefined` if there is none. */
  readonly soname: string | undefined;
  /** `DT_RPATH`: searched before LD_LIBRARY_PATH, and for the libraries of libraries too. */
  readonly rpath: string | undefined;
  /** `DT_RUNPATH`: searched after LD_LIBRARY_PATH, for this object only. */
  readonly runpath: string | undefined;
  /** Whether all symbols are bound at load time (`DT_BIND_NOW`, `DF_BIND_NOW` or `DF_1_NOW`). */
  readonly isBoundNow: boolean;
  /** Whether the loader must write into code (`DT_TEXTREL` or `DF_TEXTREL`). */
  readonly hasTextRelocations: boolean;
  /** Whether it is a position independent executable (`DF_1_PIE`). */
  readonly isPie: boolean;
}

const tags = {
  end: 0,
  needed: 1,
  stringTable: 5,
  stringTableSize: 10,
  soname: 14,
  rpath: 15,
  textRelocations: 22,
  bindNow: 24,
  runpath: 29,
  flags: 30,
  flags1: 0x6ffffffb,
} as const;

/** A real file has dozens. */
const maximumEntries = 10_000;

/** Reads the dynamic segment; `undefined` for a file without one (an object file, a static executable). */
export function readDynamic(elf: ElfFile): ElfDynamic | undefined {
  const segment = elf.segments.find(({type}) => type === segmentTypes.dynamic);
  if (segment === undefined) return undefined;
  const entries = readEntries(elf, segment);
  const valueOf = (tag: number): number | undefined =>
    entries.find((entry) => entry.tag === tag)?.value;
  const strings = stringTable(elf, valueOf(tags.stringTable), valueOf(tags.stringTableSize));
  const textOf = (tag: number): string | undefined => {
    const offset = valueOf(tag);
    return offset === undefined ? undefined : strings(offset);
  };
  const flags = valueOf(tags.flags) ?? 0;
  const flags1 = valueOf(tags.flags1) ?? 0;
  return {
    needed: entries.filter(({tag}) => tag === tags.needed).map(({value}) => strings(value)),
    soname: textOf(tags.soname),
    rpath: textOf(tags.rpath),
    runpath: textOf(tags.runpath),
    isBoundNow: valueOf(tags.bindNow) !== undefined || (flags & 0x8) !== 0 || (flags1 & 0x1) !== 0,
    hasTextRelocations: valueOf(tags.textRelocations) !== undefined || (flags & 0x4) !== 0,
    isPie: (flags1 & 0x08000000) !== 0,
  };
}

interface DynamicEntry {
  readonly tag: number;
  readonly value: number;
}

function readEntries(elf: ElfFile, segment: ElfSegment): readonly DynamicEntry[] {
  const range = {offset: segment.offset, length: segment.fileSizeBytes};
  const view: ElfView = viewOf(elf.bytes, range, elf.encoding, 'dynamic segment');
  const word = elf.encoding.is64Bit ? 8 : 4;
  const entries: DynamicEntry[] = [];
  for (let at = 0; at + 2 * word <= view.sizeBytes; at += 2 * word) {
    const tag = view.word(at);
    if (tag === tags.end) return entries;
    entries.push({tag, value: view.word(at + word)});
    if (entries.length > maximumEntries) break;
  }
  throw new ElfFormatError(`dynamic segment: it has no end within ${maximumEntries} entries`);
}

function stringTable(
  elf: ElfFile,
  address: number | undefined,
  length: number | undefined,
): (offset: number) => string {
  if (address === undefined || length === undefined) {
    return () => {
      throw new ElfFormatError('dynamic segment: it names strings but has no string table');
    };
  }
  const range = {offset: fileOffsetOf(elf, address), length};
  const view = viewOf(elf.bytes, range, elf.encoding, 'dynamic strings');
  return (offset) => view.text(offset);
}
