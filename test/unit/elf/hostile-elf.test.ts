import {describe, expect, it} from 'vitest';
import {readArMembers} from '../../../src/elf/ar-archive.js';
import {elfBytesOf, ElfFormatError} from '../../../src/elf/elf-bytes.js';
import {readElf, sectionTypes, type ElfFile, type ElfSection} from '../../../src/elf/elf-file.js';
import {
  readDynamicSymbols,
  readNeededVersions,
  readStaticSymbols,
} from '../../../src/elf/elf-symbols.js';
import {writeElf} from '../../support/policy/elf-writer.js';

const section = (part: Partial<ElfSection>): ElfSection => ({
  name: '',
  type: 1,
  flags: 0,
  address: 0,
  offset: 0,
  sizeBytes: 0,
  link: 0,
  info: 0,
  entrySizeBytes: 0,
  ...part,
});

/** A file of some bytes whose table of sections is whatever a test says. */
function elfOf(bytes: Buffer, ...sections: readonly Partial<ElfSection>[]): ElfFile {
  return {
    ...readElf(elfBytesOf(writeElf({kind: 'object'}))),
    bytes: elfBytesOf(bytes),
    sections: sections.map(section),
  };
}

describe('an ELF file of a few megabytes that would take all memory or time', () => {
  it('is refused when the names of its symbols lie in one another', () => {
    const strings = Buffer.concat([Buffer.alloc(1 << 20, 'x'), Buffer.alloc(1)]);
    const symbols = Buffer.alloc(24 * 20_000);
    for (let index = 0; index < 20_000; index += 1) symbols.writeUInt32LE(index, index * 24);
    const elf = elfOf(
      Buffer.concat([strings, symbols]),
      {type: sectionTypes.stringTable, sizeBytes: strings.length},
      {
        type: sectionTypes.symbolTable,
        offset: strings.length,
        sizeBytes: symbols.length,
        link: 0,
      },
    );

    expect(() => readStaticSymbols(elf)).toThrow(ElfFormatError);
  });

  it('is refused when it has symbols beyond counting', () => {
    const symbols = Buffer.alloc(24 * 2_000_000);
    const elf = elfOf(
      symbols,
      {type: sectionTypes.stringTable, sizeBytes: 1},
      {type: sectionTypes.symbolTable, sizeBytes: symbols.length},
    );

    expect(() => readStaticSymbols(elf)).toThrow(ElfFormatError);
  });

  it('is refused when the chains of its versions cross one another', () => {
    // Each record says that 65535 versions follow, and that the next record is one byte on.
    const needs = Buffer.alloc(1 << 20, 1);
    const elf = elfOf(
      Buffer.concat([Buffer.alloc(0x0101_0102), needs]),
      {type: sectionTypes.stringTable, sizeBytes: 0x0101_0102},
      {
        type: sectionTypes.versionNeeds,
        offset: 0x0101_0102,
        sizeBytes: needs.length,
        link: 0,
        info: 0xffff_ffff,
      },
    );
    for (let at = 0; at + 16 < needs.length; at += 16) {
      needs.writeUInt32LE(16, at + 8);
      needs.writeUInt32LE(16, at + 12);
      needs.writeUInt16LE(0xffff, at + 2);
    }

    const bytes = Buffer.concat([Buffer.alloc(0x0101_0102), needs]);

    expect(() => readNeededVersions({...elf, bytes: elfBytesOf(bytes)})).toThrow(ElfFormatError);
    expect(readDynamicSymbols({...elf, bytes: elfBytesOf(bytes)})).toEqual([]);
  });
});

describe('a static library of a few megabytes that would take all time', () => {
  const member = (name: string, content: string) =>
    `${name.padEnd(16)}${'0'.padEnd(32)}${String(content.length).padEnd(10)}\`\n${content}`;

  it('is refused when it has members beyond counting', () => {
    const bytes = Buffer.from(`!<arch>\n${member('x/', '').repeat(200_000)}`);

    expect(() => readArMembers(elfBytesOf(bytes))).toThrow(ElfFormatError);
  });

  it('is refused when its long names have no end', () => {
    const bytes = Buffer.from(
      `!<arch>\n${member('//', 'n'.repeat(8 << 20))}${member('/1', '').repeat(50_000)}`,
    );

    expect(() => readArMembers(elfBytesOf(bytes))).toThrow(ElfFormatError);
  });

  it('gives names as BSD writes them', () => {
    const bytes = Buffer.from(`!<arch>\n${member('#1/8', 'long.o\0\0code')}`);

    expect(readArMembers(elfBytesOf(bytes)).map(({name}) => name)).toEqual(['long.o']);
  });
});
