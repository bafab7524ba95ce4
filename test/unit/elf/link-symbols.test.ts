import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {isAr, readArMembers} from '../../../src/elf/ar-archive.js';
import {ElfFormatError, elfBytesOf} from '../../../src/elf/elf-bytes.js';
import {readElf} from '../../../src/elf/elf-file.js';
import {readLinkSymbols} from '../../../src/elf/link-symbols.js';
import {objectFile, staticLibrary} from '../../support/object-file.js';

const symbolsOf = (bytes: Uint8Array) => readLinkSymbols(readElf(elfBytesOf(bytes)));

describe('the symbols of an object file', () => {
  it('are those that others can use and those that it must find elsewhere', () => {
    const fixture = readFileSync(new URL('fixtures/big-endian.o', import.meta.url));
    expect(symbolsOf(fixture)).toEqual({defined: ['main'], wanted: ['counter']});
  });

  it('that are wanted weakly are no need', () => {
    const object = objectFile({defined: ['a'], wanted: ['b'], wantedWeakly: ['c']});
    expect(symbolsOf(object)).toEqual({defined: ['a'], wanted: ['b']});
  });
});

describe('a static library', () => {
  const library = staticLibrary({
    'short.o': objectFile({defined: ['one']}),
    'a-name-longer-than-the-field.o': objectFile({wanted: ['two']}),
    'odd.txt': Buffer.from('odd'),
    'another-long-name-of-a-member.o': objectFile({defined: ['three']}),
  });

  it('has members with names of any length, in order', () => {
    const members = readArMembers(elfBytesOf(library));

    expect(members.map(({name}) => name)).toEqual([
      'short.o',
      'a-name-longer-than-the-field.o',
      'odd.txt',
      'another-long-name-of-a-member.o',
    ]);
    const [short, long, , last] = members;
    expect(short && readLinkSymbols(readElf(short.bytes)).defined).toEqual(['one']);
    expect(long && readLinkSymbols(readElf(long.bytes)).wanted).toEqual(['two']);
    expect(last && readLinkSymbols(readElf(last.bytes)).defined).toEqual(['three']);
  });

  it('is told from other files', () => {
    expect(isAr(elfBytesOf(library))).toBe(true);
    expect(isAr(elfBytesOf(objectFile({})))).toBe(false);
    expect(isAr(elfBytesOf(Buffer.from('!<ar')))).toBe(false);
    expect(() => readArMembers(elfBytesOf(objectFile({})))).toThrow(ElfFormatError);
  });

  it('that is cut or damaged gives an answer or a typed error', () => {
    for (let position = 0; position < library.length; position += 1) {
      const damaged = Buffer.from(library);
      damaged.writeUInt8((library[position] ?? 0) ^ 0xff, position);
      for (const bytes of [library.subarray(0, position), damaged]) {
        try {
          for (const {bytes: member} of readArMembers(elfBytesOf(bytes))) {
            readLinkSymbols(readElf(member));
          }
        } catch (error) {
          if (!(error instanceof ElfFormatError)) throw error;
        }
      }
    }
  });
});
