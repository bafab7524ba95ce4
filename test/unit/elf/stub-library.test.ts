import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {ElfFormatError, elfBytesOf} from '../../../src/elf/elf-bytes.js';
import {readElf} from '../../../src/elf/elf-file.js';
import {renderStubLibrary} from '../../../src/elf/stub-source.js';
import {cutAtFloor} from '../../../src/elf/stub-symbols.js';
import type {StubLibrary} from '../../../src/elf/stub-symbols.js';

const open = (name: string) =>
  readElf(elfBytesOf(readFileSync(new URL(`./fixtures/${name}`, import.meta.url))));
const libfloor = open('libfloor.so');

const versionsOf = ({symbols}: StubLibrary) =>
  symbols.map(({name, isDefault, version}) => `${name}${isDefault ? '@@' : '@'}${version}`);

describe('a library cut at a glibc version', () => {
  const library = cutAtFloor(libfloor, '2.17');

  it('keeps its soname', () => {
    expect(library.soname).toBe('libfloor.so.1');
  });

  it('keeps what is not newer, and makes the newest kept version of a name its default', () => {
    expect(versionsOf(library)).toEqual([
      '__environment@@GLIBC_2.2.5',
      'chosen@@GLIBC_2.2.5',
      'constant@@GLIBC_2.2.5',
      'copy@GLIBC_2.2.5',
      'copy@@GLIBC_2.14',
      'environment@@GLIBC_2.4',
      'exp@@GLIBC_2.2.5',
      'plain@@GLIBC_2.2.5',
      'weak@@GLIBC_2.2.5',
    ]);
  });

  it('names the functions that are gone, but neither data nor what nobody could link against', () => {
    expect(library.droppedFunctions).toEqual(['new', 'other']);
  });

  it('cuts lower and higher as asked', () => {
    expect(versionsOf(cutAtFloor(libfloor, '2.3'))).not.toContain('environment@@GLIBC_2.4');
    expect(versionsOf(cutAtFloor(libfloor, '2.3'))).toContain('copy@@GLIBC_2.2.5');
    expect(versionsOf(cutAtFloor(libfloor, '2.29'))).toContain('exp@@GLIBC_2.29');
    expect(versionsOf(cutAtFloor(libfloor, '2.29'))).toContain('new@@GLIBC_2.28');
  });

  it('keeps type, size, binding and whether data can be written; what is chosen at run time is a function', () => {
    const byName = new Map(library.symbols.map((symbol) => [symbol.name, symbol]));
    expect(byName.get('weak')).toMatchObject({binding: 'weak', kind: 'function', sizeBytes: 6});
    expect(byName.get('chosen')).toMatchObject({binding: 'global', kind: 'function'});
    expect(byName.get('environment')).toMatchObject({
      binding: 'weak',
      kind: 'data',
      sizeBytes: 24,
      isWritable: true,
      address: byName.get('__environment')?.address,
    });
    expect(byName.get('constant')).toMatchObject({kind: 'data', sizeBytes: 4, isWritable: false});
  });

  it('is refused when the file is no library', () => {
    expect(() => cutAtFloor(open('app'), '2.17')).toThrow(ElfFormatError);
    expect(() => cutAtFloor(open('big-endian.o'), '2.17')).toThrow(/no soname/);
  });
});

describe('the source of a stub library', () => {
  const {assembly, versionScript} = renderStubLibrary({
    soname: 'libx.so.1',
    droppedFunctions: [],
    symbols: [
      {
        name: 'environ',
        version: 'GLIBC_2.2.5',
        isDefault: true,
        binding: 'weak',
        kind: 'data',
        sizeBytes: 8,
        address: 0x1010,
        isWritable: true,
      },
      {
        name: 'inside',
        version: 'GLIBC_2.2.5',
        isDefault: true,
        binding: 'global',
        kind: 'data',
        sizeBytes: 4,
        address: 0x1014,
        isWritable: true,
      },
      {
        name: 'memcpy',
        version: 'GLIBC_2.14',
        isDefault: true,
        binding: 'global',
        kind: 'function',
        sizeBytes: 20,
        address: 0x10,
        isWritable: false,
      },
      {
        name: 'memcpy',
        version: 'GLIBC_2.2.5',
        isDefault: false,
        binding: 'global',
        kind: 'function',
        sizeBytes: 10,
        address: 0x20,
        isWritable: false,
      },
    ],
  });

  it('gives names that share bytes the same bytes, aligned as they were', () => {
    expect(assembly).toMatchInlineSnapshot(`
      ".text
      stub_2:
      .byte 0
      stub_3:
      .byte 0
      .data
      .balign 16
      stub_0:
      .skip 4
      stub_1:
      .skip 4
      .weak stub_0
      .type stub_0, %object
      .size stub_0, 8
      .symver stub_0, environ@@GLIBC_2.2.5
      .globl stub_1
      .type stub_1, %object
      .size stub_1, 4
      .symver stub_1, inside@@GLIBC_2.2.5
      .globl stub_2
      .type stub_2, %function
      .size stub_2, 20
      .symver stub_2, memcpy@@GLIBC_2.14
      .globl stub_3
      .type stub_3, %function
      .size stub_3, 10
      .symver stub_3, memcpy@GLIBC_2.2.5
      .section .note.GNU-stack,"",%progbits
      "
    `);
  });

  it('lists every symbol under its version, oldest version first', () => {
    expect(versionScript).toMatchInlineSnapshot(`
      "GLIBC_2.2.5 {
        global:
          environ;
          inside;
          memcpy;
        local: *;
      };
      GLIBC_2.14 {
        global:
          memcpy;
      };
      "
    `);
  });
});
