import {ElfFormatError, isElf, viewOf} from './elf-bytes.js';
import type {ElfBytes, ElfEncoding, ElfView} from './elf-bytes.js';

/** What an ELF file is for. */
export type ElfType = 'relocatable' | 'executable' | 'shared' | 'core' | 'other';

/** One entry of the section header table. */
export interface ElfSection {
  readonly name: string;
  /** `SHT_*`, see `sectionTypes`. */
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly sizeBytes: number;
  /** Index of the section that this one refers to (a symbol table's strings). */
  readonly link: number;
  readonly info: number;
  /** Size of one entry of a table, 0 when the section is no table. */
  readonly entrySizeBytes: number;
}

/** One entry of the program header table. */
export interface ElfSegment {
  /** `PT_*`, see `segmentTypes`. */
  readonly type: number;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly isExecutable: boolean;
  readonly offset: number;
  readonly address: number;
  readonly fileSizeBytes: number;
  readonly memorySizeBytes: number;
}

/** The header and the two tables of an ELF file, with access to the rest. */
export interface ElfFile {
  readonly bytes: ElfBytes;
  readonly encoding: ElfEncoding;
  readonly type: ElfType;
  /** `EM_*` */
  readonly machine: number;
  readonly entryAddress: number;
  readonly sections: readonly ElfSection[];
  readonly segments: readonly ElfSegment[];
}

/** The section types that this room reads (`SHT_*`). */
export const sectionTypes = {
  symbolTable: 2,
  stringTable: 3,
  noBits: 8,
  dynamicSymbols: 11,
  versionDefinitions: 0x6ffffffd,
  versionNeeds: 0x6ffffffe,
  symbolVersions: 0x6fffffff,
} as const;

/** The segment types that rules look at (`PT_*`). */
export const segmentTypes = {
  load: 1,
  dynamic: 2,
  interpreter: 3,
  gnuStack: 0x6474e551,
  gnuRelro: 0x6474e552,
} as const;

const typeNames: readonly ElfType[] = ['other', 'relocatable', 'executable', 'shared', 'core'];

/**
 * Reads the header, the sections and the segments. Throws `ElfFormatError` if the bytes are not an ELF file, are
 * truncated, or a table lies outside the file.
 */
export function readElf(bytes: ElfBytes): ElfFile {
  if (!isElf(bytes)) throw new ElfFormatError('not an ELF file: the magic number is missing');
  const encoding = encodingOf(bytes);
  const header = viewOf(bytes, {offset: 0, length: encoding.is64Bit ? 64 : 52}, encoding, 'header');
  const word = encoding.is64Bit ? 8 : 4;
  const tables = 24 + 3 * word;
  return {
    bytes,
    encoding,
    type: typeNames[header.u16(16)] ?? 'other',
    machine: header.u16(18),
    entryAddress: header.word(24),
    segments: readSegments(bytes, encoding, {
      offset: header.word(24 + word),
      entrySizeBytes: header.u16(tables + 6),
      count: header.u16(tables + 8),
    }),
    sections: readSections(
      bytes,
      encoding,
      {
        offset: header.word(24 + 2 * word),
        entrySizeBytes: header.u16(tables + 10),
        count: header.u16(tables + 12),
      },
      header.u16(tables + 14),
    ),
  };
}

/** A view of a section's content; empty for a section that occupies no space in the file. */
export function sectionView(elf: ElfFile, section: ElfSection): ElfView {
  const length = section.type === sectionTypes.noBits ? 0 : section.sizeBytes;
  const offset = length === 0 ? 0 : section.offset;
  return viewOf(elf.bytes, {offset, length}, elf.encoding, `section ${section.name}`);
}

/** The offset in the file of an address of the loaded image. Throws `ElfFormatError` if no segment contains it. */
export function fileOffsetOf(elf: ElfFile, address: number): number {
  const segment = elf.segments.find(
    (candidate) =>
      candidate.type === segmentTypes.load &&
      address >= candidate.address &&
      address < candidate.address + candidate.fileSizeBytes,
  );
  if (segment === undefined) {
    throw new ElfFormatError(`no segment holds the address 0x${address.toString(16)}`);
  }
  return segment.offset + (address - segment.address);
}

function encodingOf(bytes: ElfBytes): ElfEncoding {
  if (bytes.sizeBytes < 16) throw new ElfFormatError('the ELF identification is cut short');
  const identification = bytes.slice(0, 16);
  const elfClass = identification[4];
  const byteOrder = identification[5];
  if (elfClass !== 1 && elfClass !== 2) {
    throw new ElfFormatError(`unknown ELF class ${String(elfClass)}`);
  }
  if (byteOrder !== 1 && byteOrder !== 2) {
    throw new ElfFormatError(`unknown ELF byte order ${String(byteOrder)}`);
  }
  return {is64Bit: elfClass === 2, isLittleEndian: byteOrder === 1};
}

interface Table {
  readonly offset: number;
  readonly entrySizeBytes: number;
  readonly count: number;
}

/** Several times the sections of an object file that has one per function. */
const maximumEntries = 1 << 18;

function tableView(
  bytes: ElfBytes,
  encoding: ElfEncoding,
  table: Table,
  entry: {readonly minimumBytes: number; readonly what: string},
): ElfView {
  if (table.entrySizeBytes < entry.minimumBytes) {
    throw new ElfFormatError(
      `${entry.what}: entries of ${table.entrySizeBytes} bytes, expected ${entry.minimumBytes}`,
    );
  }
  if (table.count > maximumEntries) {
    throw new ElfFormatError(`${entry.what}: ${table.count} of them, more than ${maximumEntries}`);
  }
  const range = {offset: table.offset, length: table.entrySizeBytes * table.count};
  return viewOf(bytes, range, encoding, entry.what);
}

function readSegments(bytes: ElfBytes, encoding: ElfEncoding, table: Table): readonly ElfSegment[] {
  if (table.offset === 0 || table.count === 0) return [];
  const minimumBytes = encoding.is64Bit ? 56 : 32;
  const view = tableView(bytes, encoding, table, {minimumBytes, what: 'program headers'});
  const word = encoding.is64Bit ? 8 : 4;
  return Array.from({length: table.count}, (_, index) => {
    const at = index * table.entrySizeBytes;
    // The 64-bit layout has the flags earlier, to keep the 64-bit numbers aligned.
    const flags = view.u32(encoding.is64Bit ? at + 4 : at + 24);
    const numbers = encoding.is64Bit ? at + 8 : at + 4;
    return {
      type: view.u32(at),
      isExecutable: (flags & 1) !== 0,
      isWritable: (flags & 2) !== 0,
      isReadable: (flags & 4) !== 0,
      offset: view.word(numbers),
      address: view.word(numbers + word),
      fileSizeBytes: view.word(numbers + 3 * word),
      memorySizeBytes: view.word(numbers + 4 * word),
    };
  });
}

function readSections(
  bytes: ElfBytes,
  encoding: ElfEncoding,
  table: Table,
  namesIndex: number,
): readonly ElfSection[] {
  if (table.offset === 0) return [];
  const minimumBytes = encoding.is64Bit ? 64 : 40;
  const what = 'section headers';
  // With 0xff00 or more sections, the actual numbers are in the first, otherwise unused entry.
  const first = tableView(bytes, encoding, {...table, count: 1}, {minimumBytes, what});
  const firstSection = readSection(first, 0, encoding);
  const count = table.count === 0 ? firstSection.sizeBytes : table.count;
  const nameTable = namesIndex === 0xffff ? firstSection.link : namesIndex;
  const view = tableView(bytes, encoding, {...table, count}, {minimumBytes, what});
  const unnamed = Array.from({length: count}, (_, index) =>
    readSection(view, index * table.entrySizeBytes, encoding),
  );
  const names = unnamed[nameTable];
  if (nameTable === 0 || names === undefined) {
    return unnamed.map((section) => named(section, ''));
  }
  const range = {offset: names.offset, length: names.sizeBytes};
  const strings = viewOf(bytes, range, encoding, 'section names');
  return unnamed.map((section) => named(section, strings.text(section.nameOffset)));
}

type UnnamedSection = Omit<ElfSection, 'name'> & {readonly nameOffset: number};

function named(section: UnnamedSection, name: string): ElfSection {
  return {
    name,
    type: section.type,
    flags: section.flags,
    address: section.address,
    offset: section.offset,
    sizeBytes: section.sizeBytes,
    link: section.link,
    info: section.info,
    entrySizeBytes: section.entrySizeBytes,
  };
}

function readSection(view: ElfView, at: number, encoding: ElfEncoding): UnnamedSection {
  const word = encoding.is64Bit ? 8 : 4;
  const numbers = at + 8;
  return {
    nameOffset: view.u32(at),
    type: view.u32(at + 4),
    flags: view.word(numbers),
    address: view.word(numbers + word),
    offset: view.word(numbers + 2 * word),
    sizeBytes: view.word(numbers + 3 * word),
    link: view.u32(numbers + 4 * word),
    info: view.u32(numbers + 4 * word + 4),
    entrySizeBytes: view.word(numbers + 5 * word + 8),
  };
}
