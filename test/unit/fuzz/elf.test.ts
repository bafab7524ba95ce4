import {readFileSync} from 'node:fs';
import path from 'node:path';
import {describe} from 'vitest';
import {compareElf} from '../../../src/archive/diff/elf-difference.js';
import {readStaticLibrary} from '../../../src/archive/read-ar.js';
import {readArMembers} from '../../../src/elf/ar-archive.js';
import {elfBytesOf} from '../../../src/elf/elf-bytes.js';
import {readDynamic} from '../../../src/elf/elf-dynamic.js';
import {readElf, sectionView} from '../../../src/elf/elf-file.js';
import {
  readDynamicSymbols,
  readNeededVersions,
  readStaticSymbols,
} from '../../../src/elf/elf-symbols.js';
import {glibcVersionsOf} from '../../../src/elf/glibc-floor.js';
import {readLinkSymbols} from '../../../src/elf/link-symbols.js';
import {cutAtFloor} from '../../../src/elf/stub-symbols.js';
import {fileBytesOf} from '../../../src/archive/member-bytes.js';
import {readElfFacts} from '../../../src/policy/elf-facts.js';
import {StaticLibraryError} from '../../../src/archive/read-ar.js';
import {fuzz} from '../../support/fuzz/fuzz.js';
import {mutated} from '../../support/fuzz/mutations.js';
import {writeStaticLibrary} from '../../support/policy/archive-writer.js';
import {writeElf} from '../../support/policy/elf-writer.js';

const fixture = (name: string) =>
  readFileSync(path.resolve(import.meta.dirname, '../elf/fixtures', name));

const shared = writeElf({
  kind: 'shared',
  needed: ['libc.so.6'],
  soname: 'libx.so',
  runpath: '$ORIGIN',
  symbols: [
    {name: 'memcpy', version: 'GLIBC_2.14'},
    {name: 'x', isDefined: true},
  ],
  sections: {'.debug_info': 'debug'},
});
const object = writeElf({kind: 'object', symbols: [{name: 'memcpy'}]});
const elfs = mutated(
  shared,
  object,
  fixture('app'),
  fixture('libfloor.so'),
  fixture('libsample.so'),
  fixture('big-endian.o'),
);
const library = mutated(
  writeStaticLibrary([
    {name: 'inflate.o', content: object},
    {name: 'a_member_with_a_name_that_is_longer_than_a_header.o', content: shared},
  ]),
  writeStaticLibrary([{name: 'x.o', content: Buffer.from('x')}], false),
);

describe('damaged ELF files', () => {
  fuzz('are read or refused, table by table', elfs, (bytes) => {
    const elf = readElf(elfBytesOf(bytes));
    const readers = [
      readDynamic,
      readDynamicSymbols,
      readStaticSymbols,
      readNeededVersions,
      glibcVersionsOf,
      readLinkSymbols,
    ];
    for (const read of readers) refuseOrRead(() => read(elf));
    for (const section of elf.sections) refuseOrRead(() => sectionView(elf, section));
  });

  fuzz('are read or refused by the rules over archives', elfs, (bytes) =>
    readElfFacts('x', fileBytesOf(bytes)),
  );

  fuzz('are compared or refused', elfs, (bytes) =>
    compareElf(fileBytesOf(bytes), fileBytesOf(shared), 20),
  );

  fuzz('are cut at a floor or refused', elfs, (bytes) =>
    cutAtFloor(readElf(elfBytesOf(bytes)), '2.17'),
  );
});

describe('damaged static libraries', () => {
  fuzz('are read or refused', library, (bytes) => readArMembers(elfBytesOf(bytes)));

  fuzz(
    'are read or refused as they arrive',
    library,
    async (bytes) => {
      for await (const _member of readStaticLibrary(pieces(bytes)));
    },
    {allowed: [StaticLibraryError]},
  );
});

/** The other tables are looked at all the same. */
function refuseOrRead(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ElfFormatError') throw error;
  }
}

async function* pieces(bytes: Buffer): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 100) {
    await Promise.resolve();
    yield bytes.subarray(at, at + 100);
  }
}
