/** What a made-up ELF file for x86-64 looks like to rules; whatever is left out is as it should be. */
export interface ElfShape {
  kind: 'object' | 'executable' | 'shared';
  machine?: number;
  interpreter?: string;
  needed?: string[];
  soname?: string;
  rpath?: string;
  runpath?: string;
  isLazy?: boolean;
  hasTextRelocations?: boolean;
  stack?: 'plain' | 'executable' | 'missing';
  hasNoRelro?: boolean;
  hasWritableCode?: boolean;
  /** Dynamic symbols, or the symbols of an object. */
  symbols?: ElfSymbolShape[];
  /** Further sections: contents by name. */
  sections?: Record<string, string>;
  compressedSection?: string;
}

interface ElfSymbolShape {
  name: string;
  isDefined?: boolean;
  isWeak?: boolean;
  /** `GLIBC_2.14` of libc.so.6 */
  version?: string;
}

interface Section {
  name: string;
  type: number;
  content: Buffer;
  flags?: number;
  link?: number;
  info?: number;
}

const headerBytes = 64;
const segmentBytes = 56;
const maximumSegments = 6;

/** The bytes of an ELF file: addresses are offsets, one segment maps the whole file. */
export function writeElf(shape: ElfShape): Buffer {
  const sections = shape.kind === 'object' ? objectSections(shape) : dynamicSections(shape);
  for (const [name, content] of Object.entries(shape.sections ?? {})) {
    const flags = name === shape.compressedSection ? 0x800 : 0;
    sections.push({name, type: 1, flags, content: Buffer.from(content, 'latin1')});
  }
  const names = new Strings();
  const nameOffsets = [...sections.map(({name}) => name), '.shstrtab'].map((name) =>
    names.add(name),
  );
  sections.push({name: '.shstrtab', type: 3, content: names.bytes()});
  const offsets: number[] = [];
  let position = headerBytes + segmentBytes * maximumSegments;
  for (const {content} of sections) {
    offsets.push(position);
    position = align(position + content.length);
  }
  const offsetOf = (name: string) => offsets[sections.findIndex((one) => one.name === name)] ?? 0;
  const dynamic = sections.find(({name}) => name === '.dynamic');
  // The address of the strings is known only now.
  dynamic?.content.writeBigUInt64LE(BigInt(offsetOf('.dynstr')), 8);
  const file = Buffer.alloc(position + 64 * (sections.length + 1));
  sections.forEach(({content}, index) => content.copy(file, offsets[index]));
  const segments = segmentsOf(shape, sections, offsets, position);
  segments.forEach((segment, index) => segment.copy(file, headerBytes + index * segmentBytes));
  writeHeader(file, shape, segments.length, position, sections.length);
  sections.forEach((section, index) =>
    writeSectionHeader(file, position + 64 * (index + 1), section, {
      name: nameOffsets[index] ?? 0,
      offset: offsets[index] ?? 0,
    }),
  );
  return file;
}

function objectSections(shape: ElfShape): Section[] {
  const strings = new Strings();
  const symbols = symbolTable(shape.symbols ?? [], strings);
  return [
    {name: '.symtab', type: 2, content: symbols, link: 2},
    {name: '.strtab', type: 3, content: strings.bytes()},
  ];
}

function dynamicSections(shape: ElfShape): Section[] {
  const strings = new Strings();
  const symbols = shape.symbols ?? [];
  const table = symbolTable(symbols, strings);
  const versions = [...new Set(symbols.flatMap(({version}) => version ?? []))];
  const entries = dynamicEntries(shape, strings);
  const needs = versionNeeds(versions, strings);
  const indices = Buffer.alloc(2 * (symbols.length + 1));
  symbols.forEach(({version}, index) =>
    indices.writeUInt16LE(version === undefined ? 1 : versions.indexOf(version) + 2, 2 * index + 2),
  );
  const text = strings.bytes();
  const dynamic = [[5, 0], [10, text.length], ...entries, [0, 0]];
  const content = Buffer.alloc(dynamic.length * 16);
  dynamic.flat().forEach((word, index) => content.writeBigUInt64LE(BigInt(word), index * 8));
  return [
    {name: '.dynsym', type: 11, content: table, link: 2},
    {name: '.dynstr', type: 3, content: text},
    {name: '.dynamic', type: 6, content, link: 2},
    ...(versions.length === 0
      ? []
      : [
          {name: '.gnu.version', type: 0x6fffffff, content: indices, link: 1},
          {name: '.gnu.version_r', type: 0x6ffffffe, content: needs, link: 2, info: 1},
        ]),
    {
      name: '.interp',
      type: 1,
      content: Buffer.from(`${shape.interpreter ?? ''}\0`),
    },
  ];
}

function dynamicEntries(shape: ElfShape, strings: Strings): number[][] {
  const texts = [
    ...(shape.needed ?? []).map((name) => [1, name] as const),
    [14, shape.soname] as const,
    [15, shape.rpath] as const,
    [29, shape.runpath] as const,
  ];
  const flags = (shape.isLazy === true ? 0 : 8) + (shape.hasTextRelocations === true ? 4 : 0);
  return [
    ...texts.flatMap(([tag, text]) => (text === undefined ? [] : [[tag, strings.add(text)]])),
    [30, flags],
  ];
}

function symbolTable(symbols: readonly ElfSymbolShape[], strings: Strings): Buffer {
  const table = Buffer.alloc(24 * (symbols.length + 1));
  symbols.forEach(({name, isDefined, isWeak}, index) => {
    const at = 24 * (index + 1);
    table.writeUInt32LE(strings.add(name), at);
    table.writeUInt8(((isWeak === true ? 2 : 1) << 4) | 2, at + 4);
    table.writeUInt16LE(isDefined === true ? 1 : 0, at + 6);
  });
  return table;
}

function versionNeeds(versions: readonly string[], strings: Strings): Buffer {
  const needs = Buffer.alloc(16 * (versions.length + 1));
  needs.writeUInt16LE(1, 0);
  needs.writeUInt16LE(versions.length, 2);
  needs.writeUInt32LE(strings.add('libc.so.6'), 4);
  needs.writeUInt32LE(16, 8);
  versions.forEach((version, index) => {
    const at = 16 * (index + 1);
    needs.writeUInt16LE(index + 2, at + 6);
    needs.writeUInt32LE(strings.add(version), at + 8);
    needs.writeUInt32LE(index + 1 < versions.length ? 16 : 0, at + 12);
  });
  return needs;
}

function segmentsOf(
  shape: ElfShape,
  sections: readonly Section[],
  offsets: readonly number[],
  fileBytes: number,
): readonly Buffer[] {
  if (shape.kind === 'object') return [];
  const ofSection = (type: number, name: string) => {
    const index = sections.findIndex((section) => section.name === name);
    return segment(type, 4, offsets[index] ?? 0, sections[index]?.content.length ?? 0);
  };
  return [
    segment(1, shape.hasWritableCode === true ? 7 : 5, 0, fileBytes),
    ofSection(2, '.dynamic'),
    ...(shape.interpreter === undefined ? [] : [ofSection(3, '.interp')]),
    ...(shape.stack === 'missing'
      ? []
      : [segment(0x6474e551, shape.stack === 'executable' ? 7 : 6, 0, 0)]),
    ...(shape.hasNoRelro === true ? [] : [segment(0x6474e552, 4, 0, 0)]),
  ];
}

function segment(type: number, flags: number, offset: number, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(segmentBytes);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(flags, 4);
  [offset, offset, offset, sizeBytes, sizeBytes].forEach((word, index) =>
    bytes.writeBigUInt64LE(BigInt(word), 8 + index * 8),
  );
  return bytes;
}

function writeHeader(
  file: Buffer,
  shape: ElfShape,
  segments: number,
  sectionsAt: number,
  sections: number,
): void {
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(file);
  file.writeUInt16LE({object: 1, executable: 2, shared: 3}[shape.kind], 16);
  file.writeUInt16LE(shape.machine ?? 62, 18);
  file.writeBigUInt64LE(BigInt(headerBytes), 32);
  file.writeBigUInt64LE(BigInt(sectionsAt), 40);
  [headerBytes, segmentBytes, segments, 64, sections + 1, sections].forEach((number, index) =>
    file.writeUInt16LE(number, 52 + index * 2),
  );
}

function writeSectionHeader(
  file: Buffer,
  at: number,
  section: Section,
  place: {readonly name: number; readonly offset: number},
): void {
  file.writeUInt32LE(place.name, at);
  file.writeUInt32LE(section.type, at + 4);
  file.writeBigUInt64LE(BigInt(section.flags ?? 0), at + 8);
  file.writeBigUInt64LE(BigInt(place.offset), at + 24);
  file.writeBigUInt64LE(BigInt(section.content.length), at + 32);
  file.writeUInt32LE(section.link ?? 0, at + 40);
  file.writeUInt32LE(section.info ?? 0, at + 44);
}

/** A string table in the making. */
class Strings {
  private text = '\0';

  add(name: string): number {
    const offset = this.text.length;
    this.text += `${name}\0`;
    return offset;
  }

  bytes(): Buffer {
    return Buffer.from(this.text, 'latin1');
  }
}

function align(position: number): number {
  return Math.ceil(position / 8) * 8;
}
