import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {ElfFormatError, elfBytesOf, isElf} from '../../../src/elf/elf-bytes.js';
import {readDynamic} from '../../../src/elf/elf-dynamic.js';
import {readElf, sectionView, segmentTypes} from '../../../src/elf/elf-file.js';
import {
  readDynamicSymbols,
  readNeededVersions,
  readStaticSymbols,
} from '../../../src/elf/elf-symbols.js';
import {compareDottedVersions, glibcVersionsOf} from '../../../src/elf/glibc-floor.js';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
const open = (name: string) => readElf(elfBytesOf(fixture(name)));

describe('a shared library', () => {
  const elf = open('libsample.so');

  it('has its type, machine, sections and segments', () => {
    expect(elf.type).toBe('shared');
    expect(elf.machine).toBe(62);
    expect(elf.sections.map(({name}) => name)).toContain('.gnu.version_d');
    const stack = elf.segments.find(({type}) => type === segmentTypes.gnuStack);
    expect(stack?.isExecutable).toBe(false);
  });

  it('has the dynamic facts that the loader uses', () => {
    expect(readDynamic(elf)).toEqual({
      needed: ['libm.so.6', 'libc.so.6'],
      soname: 'libsample.so.1',
      rpath: undefined,
      runpath: '$ORIGIN/../lib',
      isBoundNow: true,
      hasTextRelocations: false,
      isPie: false,
    });
  });

  it('has symbols with the versions that they need and define', () => {
    const symbols = readDynamicSymbols(elf).map(({name, binding, isDefined, version}) => ({
      name,
      binding,
      isDefined,
      version: version && `${version.isDefault ? '@@' : '@'}${version.name}`,
      library: version?.library,
    }));

    const defined = {isDefined: true, binding: 'global', library: undefined};
    expect(symbols).toEqual([
      {
        name: 'memcpy',
        binding: 'global',
        isDefined: false,
        version: '@@GLIBC_2.14',
        library: 'libc.so.6',
      },
      {
        name: 'exp',
        binding: 'global',
        isDefined: false,
        version: '@@GLIBC_2.29',
        library: 'libm.so.6',
      },
      {
        name: 'optional',
        binding: 'weak',
        isDefined: false,
        version: undefined,
        library: undefined,
      },
      {...defined, name: 'counter', version: '@@SAMPLE_1'},
      {...defined, name: 'sample', version: '@SAMPLE_1'},
      {...defined, name: 'sample', version: '@@SAMPLE_2'},
    ]);
  });

  it('needs glibc versions, oldest first', () => {
    expect(glibcVersionsOf(elf)).toEqual(['2.14', '2.29']);
    expect(readNeededVersions(elf).map(({library}) => library)).toEqual(['libm.so.6', 'libc.so.6']);
  });

  it('has no static symbols once it is stripped', () => {
    expect(readStaticSymbols(elf)).toEqual([]);
  });
});

describe('an executable', () => {
  const elf = open('app');

  it('is told from a library by its PIE flag and has the old kind of search path', () => {
    expect(readDynamic(elf)).toMatchObject({isPie: true, rpath: '$ORIGIN', runpath: undefined});
    expect(elf.entryAddress).toBe(0x1370);
  });

  it('keeps its static symbols', () => {
    const main = readStaticSymbols(elf).find(({name}) => name === 'main');
    expect(main).toMatchObject({isDefined: true, type: 2, value: 0x1370, sizeBytes: 10});
  });
});

describe('a 32-bit big-endian object file', () => {
  const elf = open('big-endian.o');

  it('is read with its own word size and byte order', () => {
    expect(elf).toMatchObject({
      type: 'relocatable',
      machine: 20,
      encoding: {is64Bit: false, isLittleEndian: false},
    });
    expect(
      readStaticSymbols(elf)
        .filter(({binding}) => binding === 'global')
        .map(({name, isDefined}) => [name, isDefined]),
    ).toEqual([
      ['main', true],
      ['counter', false],
    ]);
  });

  it('has no dynamic part', () => {
    expect(readDynamic(elf)).toBeUndefined();
    expect(readDynamicSymbols(elf)).toEqual([]);
  });
});

describe('bytes that are no sound ELF file', () => {
  it.each([
    ['an empty file', Buffer.alloc(0)],
    ['a script', Buffer.from('#!/bin/sh\n')],
    ['only a magic number', Buffer.from('\x7fELF', 'latin1')],
    ['an unknown class', Buffer.from('\x7fELF\x09\x01'.padEnd(64, '\0'), 'latin1')],
    ['an unknown byte order', Buffer.from('\x7fELF\x02\x09'.padEnd(64, '\0'), 'latin1')],
    ['a header that is cut short', fixture('libsample.so').subarray(0, 40)],
  ])('%s is refused with a typed error', (_what, bytes) => {
    expect(() => readElf(elfBytesOf(bytes))).toThrow(ElfFormatError);
  });

  it('a text file is not taken for ELF', () => {
    expect(isElf(elfBytesOf(Buffer.from('\x7fEL', 'latin1')))).toBe(false);
  });

  it.each(['libsample.so', 'app', 'big-endian.o'])(
    'every cut and every flipped byte of %s gives an answer or a typed error',
    (name) => {
      const whole = fixture(name);
      for (let position = 0; position < whole.length; position += 1) {
        readEverything(whole.subarray(0, position));
        for (const mask of [0xff, 0x80, 0x01]) {
          const damaged = Buffer.from(whole);
          damaged.writeUInt8((whole[position] ?? 0) ^ mask, position);
          readEverything(damaged);
        }
      }
    },
  );
});

describe('dotted versions', () => {
  it('are ordered number by number', () => {
    const sorted = ['2.17', '2.4', '2.2.5', '2.31', '2.2'].sort(compareDottedVersions);
    expect(sorted).toEqual(['2.2', '2.2.5', '2.4', '2.17', '2.31']);
  });
});

function readEverything(bytes: Uint8Array): void {
  try {
    const elf = readElf(elfBytesOf(bytes));
    readDynamic(elf);
    readDynamicSymbols(elf);
    readStaticSymbols(elf);
    glibcVersionsOf(elf);
    for (const section of elf.sections) sectionView(elf, section);
  } catch (error) {
    if (!(error instanceof ElfFormatError)) throw error;
  }
}
