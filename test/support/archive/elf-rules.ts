import {readFileSync} from 'node:fs';
import {elfBytesOf, isElf} from '../../../src/elf/elf-bytes.js';
import {readDynamic} from '../../../src/elf/elf-dynamic.js';
import {readElf, segmentTypes} from '../../../src/elf/elf-file.js';
import type {ElfFile} from '../../../src/elf/elf-file.js';
import {readDynamicSymbols} from '../../../src/elf/elf-symbols.js';

/** The ELF file at a path, or `undefined` when it is another kind of file. */
export function openElf(hostPath: string): ElfFile | undefined {
  const bytes = elfBytesOf(readFileSync(hostPath));
  return isElf(bytes) ? readElf(bytes) : undefined;
}

const systemLibraries =
  /^(?:libc\.so\.6|libdl\.so\.2|libm\.so\.6|libpthread\.so\.0|librt\.so\.1|libutil\.so\.1|libcrypt\.so\.1|ld-linux-x86-64\.so\.2|libgcc_s\.so\.1)$/;
const ownLibrary = /^(?:\$ORIGIN\/\.\.\/lib\/)?libpython3\.\d+[td]*\.so\.1\.0$/;

/** A few names out of every dependency: were one visible, it could take the place of another library's in a program. */
const hiddenNames: ReadonlySet<string> = new Set(
  `BIO_ADDR_new BN_new DH_new SSL_extension_supported SSL_read CRYPTO_memcmp ecp_nistz256_neg OPENSSL_instrument_bus
  x25519_fe64_add __txn_begin rl_prompt readline current_history history_expand ffi_call ffi_type_void new_field
  set_field_term set_menu_init winstr sqlite3_initialize sqlite3_close deflateEnd gzclose inflate lzma_index_init
  lzma_stream_encoder BZ2_bzCompress ZSTD_compress XML_ParserCreate mpd_qadd uuid_generate_time`.split(
    /\s+/,
  ),
);

/** What a file that runs must and must not have, one line per offence. */
export function elfProblems(elf: ElfFile): readonly string[] {
  const dynamic = readDynamic(elf);
  const symbols = readDynamicSymbols(elf);
  const stack = elf.segments.find(({type}) => type === segmentTypes.gnuStack);
  const rules: readonly (readonly [boolean, string])[] = [
    [elf.machine === 62, 'is for another machine'],
    [stack?.isExecutable === false, 'may execute its stack'],
    [elf.segments.some(({type}) => type === segmentTypes.gnuRelro), 'has no RELRO segment'],
    [
      !elf.segments.some(
        (segment) =>
          segment.type === segmentTypes.load && segment.isWritable && segment.isExecutable,
      ),
      'has a segment that can be written and executed',
    ],
    [dynamic?.isBoundNow === true, 'binds lazily'],
    [dynamic?.hasTextRelocations === false, 'has text relocations'],
  ];
  const foreign = (dynamic?.needed ?? []).filter(
    (library) => !systemLibraries.test(library) && !ownLibrary.test(library),
  );
  const visible = symbols.filter(
    ({name, isDefined, visibility, binding}) =>
      isDefined && binding !== 'local' && visibility === 'default' && hiddenNames.has(name),
  );
  return [
    ...rules.filter(([isKept]) => !isKept).map(([, what]) => what),
    ...foreign.map((library) => `needs ${library}`),
    ...visible.map(({name}) => `shows ${name} of a dependency`),
    ...symbols.filter(({name}) => name === 'pthread_yield').map(() => 'needs pthread_yield'),
  ];
}
