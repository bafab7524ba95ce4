import {full, installOnly, stripped, type Breakers} from './breaker.js';
import type {ElfShape} from './elf-writer.js';
import type {SampleArchive} from './sample-archive.js';
import {dynamicPath} from './sample-parts.js';

/** The header of a relocatable ELF file of 32 bits for machine 62, without sections. */
const narrowObject = `\x7fELF\x01\x01\x01${'\0'.repeat(9)}\x01\0\x3e\0\x01${'\0'.repeat(19)}\x34${'\0'.repeat(11)}`;

const object = (sample: SampleArchive) => sample.shape('python/build/Objects/object.o');
const dbm = (sample: SampleArchive) => sample.shape(`${sample.prefix}/${dynamicPath('_dbm')}`);

function libraryMembers(sample: SampleArchive) {
  const {content} = sample.entry('python/build/lib/libz.a');
  if (content.kind !== 'library') throw new Error('libz.a is no static library');
  return content;
}

/** Leaves out the symbols with a part in their name. */
function dropSymbols(shape: ElfShape, part: string): void {
  shape.symbols = (shape.symbols ?? []).filter(({name}) => !name.includes(part));
}

/** ELF files, static libraries, libpython, and the paths in them. */
export const elfBreakers: Breakers = {
  'elf-readable': full(
    (sample) => sample.text(`${sample.prefix}/lib/cut`, '\x7fELF\x02\x01\x01 and no more'),
    (sample) => sample.text('python/build/lib/libcut.a', '!<arch>\nno header'),
    (sample) => sample.text('python/build/lib/libcut.a', `!<arch>\n${'?'.repeat(3 << 20)}`),
  ),
  'elf-machine': full(
    (sample) => (object(sample).machine = 183),
    (sample) => {
      libraryMembers(sample).members.push({name: 'arm.o', shape: {kind: 'object', machine: 183}});
    },
    // An object of the same machine with 32 bits: x32.
    (sample) => sample.text('python/build/Modules/x32.o', narrowObject),
  ),
  'elf-glibc': full((sample) => {
    dbm(sample).symbols?.push({name: 'new', version: 'GLIBC_2.99'});
    sample.json.crt_features = ['glibc-dynamic', 'glibc-max-symbol-version:2.99'];
    sample.record.glibc_max_symbol_version = '2.99';
  }),
  'elf-needed': installOnly(
    (sample) => dbm(sample).needed?.push('libdb-5.3.so'),
    (sample) => dbm(sample).needed?.push('libpython3.14.so.1.0'),
    (sample) => dbm(sample).needed?.push('libcrypt.so.1'),
  ),
  'elf-system-links': full((sample) => (sample.json.build_info.core.links = [])),
  'elf-forbidden-calls': full(
    (sample) => (object(sample).symbols = [{name: 'pthread_yield'}]),
    (sample) => sample.program.symbols?.push({name: 'pthread_yield'}),
    (sample) => {
      const shape: ElfShape = {kind: 'object', symbols: [{name: 'pthread_yield'}]};
      libraryMembers(sample).members.push({name: 'yield.o', shape});
    },
  ),
  'elf-hidden-names': full(
    (sample) => sample.library.symbols?.push({name: 'inflate', isDefined: true}),
    (sample) => sample.program.symbols?.push({name: 'SSL_read', isDefined: true, isWeak: true}),
  ),
  'elf-weak-names': full((sample) => sample.library.symbols?.push({name: 'hook', isWeak: true})),
  'elf-stack': full(
    (sample) => (sample.program.stack = 'executable'),
    (sample) => (dbm(sample).stack = 'missing'),
  ),
  'elf-relro': full((sample) => (dbm(sample).hasNoRelro = true)),
  'elf-writable-code': full((sample) => (dbm(sample).hasWritableCode = true)),
  'elf-bind-now': full((sample) => (dbm(sample).isLazy = true)),
  'elf-text-relocations': full((sample) => (dbm(sample).hasTextRelocations = true)),
  'elf-search-path': full(
    (sample) => (dbm(sample).runpath = '$ORIGIN'),
    (sample) => (dbm(sample).rpath = '/usr/lib'),
    (sample) => delete sample.program.rpath,
    (sample) => (sample.program.rpath = '/usr/lib'),
  ),
  'elf-interpreter': full((sample) => (sample.program.interpreter = '/lib/ld-musl-x86_64.so.1')),
  'elf-soname': full(
    (sample) => (dbm(sample).soname = '_dbm.so'),
    (sample) => delete sample.library.soname,
  ),
  'elf-program': full((sample) => {
    sample.text(`${sample.prefix}/bin/python3.14`, '#!/bin/sh\n', 0o755);
  }),
  'elf-self-contained': full((sample) =>
    sample.program.needed?.push('$ORIGIN/../lib/libpython3.14.so.1.0'),
  ),
  'elf-stack-protector': full((sample) => dropSymbols(sample.program, '__stack_chk_fail')),
  'elf-fortify': full((sample) => dropSymbols(sample.program, '__memcpy_chk')),
  'elf-debug-info': full((sample) => delete sample.library.sections),
  'elf-no-debug-info': stripped((sample) => (dbm(sample).sections = {'.debug_info': 'x'})),
  'elf-plain-debug-info': full((sample) => (dbm(sample).compressedSection = '.debug_str')),
  'elf-objects': full((sample) => sample.text('python/build/Objects/object.o', 'BC\xc0\xde')),
  'elf-no-bitcode': full((sample) => (dbm(sample).sections = {'.llvm.lto': 'BC'})),
  'library-members': full((sample) => {
    libraryMembers(sample).members.push({name: 'bitcode.o', shape: 'BC'});
  }),
  'library-index': full((sample) => (libraryMembers(sample).hasIndex = false)),
  'library-stamps': full((sample) => {
    const [member] = libraryMembers(sample).members;
    if (member !== undefined) member.mtime = 1;
  }),
  'libpython-api': full((sample) => dropSymbols(sample.library, 'PyList_New')),
  'libpython-init-functions': full(
    (sample) => dropSymbols(sample.library, 'PyInit_zlib'),
    (sample) => sample.library.symbols?.push({name: 'PyInit__dbm', isDefined: true}),
  ),
  'text-shebang': full(
    (sample) => sample.text(`${sample.standardLibrary}/tool.py`, '#!/install/bin/python3\n'),
    (sample) => sample.text('python/build/tool.py', '#! /usr/local/bin/python3 -I\n'),
  ),
  'text-bin-scripts': full((sample) =>
    sample.text(`${sample.prefix}/bin/pip3`, '#!/usr/bin/env python3\n', 0o755),
  ),
  'text-build-paths': full(
    (sample) => sample.text(`${sample.standardLibrary}/a.py`, 'source = "/build/source"\n'),
    (sample) => sample.text(`${sample.standardLibrary}/a.py`, `${'#'.repeat(2 << 20)} /out/python`),
    (sample) => sample.text('python/build/flags', '-O3 -I/deps/include\n'),
  ),
  'elf-build-paths': full(
    (sample) => (dbm(sample).sections = {'.rodata': 'OPENSSLDIR: "/deps/ssl"\0'}),
    (sample) => {
      const shape: ElfShape = {kind: 'object', sections: {'.rodata': '/sysroot/usr\0'}};
      libraryMembers(sample).members.push({name: 'path.o', shape});
    },
  ),
  'dwarf-build-paths': full(
    (sample) => (dbm(sample).sections = {'.debug_str': '/build/db-5.3\0'}),
    (sample) => (object(sample).sections = {'.debug_line_str': 'a\0/sysroot/usr/include\0'}),
  ),
};
