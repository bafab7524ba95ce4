import path from 'node:path';
import type {Target, TargetElf} from '../../core/target.js';
import {hasSanitizer} from '../../core/build-options.js';
import {compareDottedVersions} from '../../elf/glibc-floor.js';
import type {ArchiveContents} from '../archive-contents.js';
import type {ElfFacts} from '../elf-facts.js';
import {type Offence, rule, type Rule, treeFlavours, expectedFound} from '../rule.js';
import {linksOf} from './json-rule.js';
import {libraryName, programName} from './layout-rules.js';

/**
 * Some symbols of every dependency. If one were visible, it could replace another library's symbol in a program that
 * embeds Python.
 */
const hiddenNames: ReadonlySet<string> = new Set(
  `BIO_ADDR_new BN_new DH_new SSL_extension_supported SSL_read CRYPTO_memcmp ecp_nistz256_neg OPENSSL_instrument_bus
  x25519_fe64_add __txn_begin rl_prompt readline current_history history_expand ffi_call ffi_type_void new_field
  set_field_term set_menu_init winstr gdbm_close gdbm_import sqlite3_initialize sqlite3_close xcb_create_window
  xcb_get_property deflateEnd gzclose inflate Tix_DItemCreate Tix_GrFormat lzma_index_init lzma_stream_encoder
  BZ2_bzCompress ZSTD_compress XML_ParserCreate mpd_qadd uuid_generate_time`.split(/\s+/),
);

/** Intended weak references; any other one could bind to arbitrary code in the process. */
const weakNames: ReadonlySet<string> = new Set([
  // The compiler's start files.
  '_ITM_deregisterTMCloneTable',
  '_ITM_registerTMCloneTable',
  '__cxa_finalize',
  '__gmon_start__',
  // Functions of newer C libraries; CPython's locks and OpenSSL's random bytes work without them.
  'getentropy',
  'sem_clockwait',
]);

/** What a header of glibc refers to weakly, and an optimizer leaves out: pthread_cleanup_push in _testcapi. */
const unoptimizedWeakNames: ReadonlySet<string> = new Set(['__pthread_unwind_next']);

/** What the runtime of a sanitizer, and code that it watches, refers to weakly: parts that only some programs have. */
const sanitizerWeakName =
  /^(?:__(?:asan|lsan|sanitizer|tsan|ubsan)_|_ZN11__sanitizer|real_|__(?:cxa_demangle|libc_stack_end|progname)$)/;

/** The library that the runtime of a sanitizer watches, and is linked with for that. */
const sanitizerLibrary = 'libresolv.so.2';

/** Per extension module: a library that no other file may need. */
const moduleLibraries: Readonly<Record<string, string>> = {_crypt: 'libcrypt.so.1'};

/** Rules about ELF files, including members of static libraries: loader, hardening, embedding. */
export const elfRules: readonly Rule[] = [
  rule('elf-readable', 'ELF files and static libraries are whole.', ({unreadable}) =>
    unreadable.map(({path, problem}) => ({path, message: problem})),
  ),
  elfRule('elf-machine', 'Every object is for the target machine.', (elf, {target}) => {
    if (target === undefined) return undefined;
    const words = (header: TargetElf) => `machine ${header.machine}, ${header.class} bits`;
    const [wanted, got] = [words(target.elf), words(elf)];
    return wanted === got ? undefined : expectedFound(wanted, got);
  }),
  elfRule('elf-glibc', 'No file needs a newer glibc than the promised one.', (elf, {target}) => {
    const highest = elf.glibcVersions.at(-1);
    if (target === undefined || highest === undefined) return undefined;
    return compareDottedVersions(highest, target.glibc.newest) <= 0
      ? undefined
      : expectedFound(`at most GLIBC_${target.glibc.newest}`, `GLIBC_${highest}`);
  }),
  elfRule(
    'elf-needed',
    'Files need only the C library, and libpython by a path of ours.',
    (elf, context) => {
      const foreign = (elf.dynamic?.needed ?? []).filter((name) => !isAllowed(name, elf, context));
      return foreign.length === 0 ? undefined : `expected no need of ${foreign.join(', ')}`;
    },
  ),
  rule(
    'elf-system-links',
    'Each needed library of the system is a system link in PYTHON.json.',
    systemLinkProblems,
    treeFlavours,
  ),
  elfRule(
    'elf-forbidden-calls',
    'No code calls functions that new versions of glibc do not have.',
    (elf) =>
      elf.forbiddenCalls.length === 0
        ? undefined
        : `expected no call of ${elf.forbiddenCalls.join(', ')}`,
  ),
  elfRule('elf-hidden-names', 'No symbol of a dependency is visible.', (elf) => {
    const visible = [...elf.exported].filter((name) => hiddenNames.has(name));
    return visible.length === 0 ? undefined : `expected these names hidden: ${visible.join(', ')}`;
  }),
  elfRule('elf-weak-names', 'Weak references are known ones.', (elf, {abiFlags, isSanitized}) => {
    const isKnown = (name: string): boolean =>
      weakNames.has(name) ||
      ((abiFlags.includes('d') || isSanitized) && unoptimizedWeakNames.has(name)) ||
      (isSanitized && sanitizerWeakName.test(name));
    const foreign = elf.weakUndefined.filter((name) => !isKnown(name));
    return foreign.length === 0 ? undefined : `expected no weak reference to ${foreign.join(', ')}`;
  }),
  loadedRule('elf-stack', 'The stack is not executable.', ({stack}) =>
    stack === 'plain' ? undefined : expectedFound('a PT_GNU_STACK without X', stack),
  ),
  loadedRule('elf-relro', 'Relocated data is made read-only.', ({hasRelro}) =>
    hasRelro ? undefined : 'expected a PT_GNU_RELRO segment',
  ),
  loadedRule('elf-writable-code', 'Nothing is writable and executable.', ({hasWritableCode}) =>
    hasWritableCode ? 'expected no segment with W and X' : undefined,
  ),
  loadedRule('elf-bind-now', 'Symbols are bound when the file is loaded.', ({dynamic}) =>
    dynamic === undefined || dynamic.isBoundNow ? undefined : 'expected DF_BIND_NOW',
  ),
  loadedRule('elf-text-relocations', 'Code is not relocated.', ({dynamic}) =>
    dynamic?.hasTextRelocations === true ? 'expected no DT_TEXTREL' : undefined,
  ),
  loadedRule(
    'elf-search-path',
    'bin/pythonX.Y has the DT_RPATH $ORIGIN/../lib; nothing else has a search path.',
    (elf, {program}) => {
      const {rpath, runpath} = elf.dynamic ?? {};
      const wanted = elf.path === program ? '$ORIGIN/../lib' : undefined;
      if (rpath === wanted && runpath === undefined) return undefined;
      return `DT_RPATH: ${expectedFound(wanted ?? 'nothing', rpath)}; DT_RUNPATH: ${expectedFound('nothing', runpath)}`;
    },
  ),
  loadedRule(
    'elf-interpreter',
    'Programs name the loader of the target.',
    (elf, {target, program}) => {
      const wanted = elf.path === program || elf.type === 'executable' ? target?.loader : undefined;
      return wanted === undefined || elf.interpreter === wanted
        ? undefined
        : expectedFound(wanted, elf.interpreter);
    },
  ),
  loadedRule(
    'elf-soname',
    'Libraries have their file name as DT_SONAME; extension modules have none.',
    (elf) => {
      const name = elf.path.slice(elf.path.lastIndexOf('/') + 1);
      const wanted = name.startsWith('libpython') ? name : undefined;
      const got = elf.dynamic?.soname;
      return got === wanted ? undefined : expectedFound(wanted ?? 'no DT_SONAME', got);
    },
  ),
  programRule('elf-program', 'bin/pythonX.Y is a program.', (elf) =>
    elf !== undefined && elf.dynamic !== undefined
      ? undefined
      : 'expected a dynamically linked program',
  ),
  programRule('elf-self-contained', 'bin/pythonX.Y does not need libpython.', (elf) => {
    const needed = elf?.dynamic?.needed.find((name) => name.includes('libpython'));
    return needed === undefined ? undefined : expectedFound('no need of libpython', needed);
  }),
  programRule('elf-stack-protector', 'bin/pythonX.Y checks its stack.', (elf) =>
    elf === undefined || elf.undefined.has('__stack_chk_fail')
      ? undefined
      : 'expected a reference to __stack_chk_fail',
  ),
  programRule(
    'elf-fortify',
    'bin/pythonX.Y checks its buffers (but for debug builds, and where a sanitizer does).',
    (elf, {abiFlags, isSanitized}) =>
      elf === undefined ||
      abiFlags.includes('d') ||
      isSanitized ||
      [...elf.undefined].some((name) => /^__(?!stack_).+_chk$/.test(name))
        ? undefined
        : 'expected a reference to a function of _FORTIFY_SOURCE, such as __memcpy_chk',
  ),
];

interface Context {
  readonly target: Target | undefined;
  /** Path of `bin/pythonX.Y`. */
  readonly program: string;
  /** `libpython3.14` */
  readonly library: string;
  readonly abiFlags: string;
  /** Whether the program carries the runtime of a sanitizer. */
  readonly isSanitized: boolean;
}

function contextOf(archive: ArchiveContents): Context {
  return {
    target: archive.targets.get(archive.identity?.targetTriple ?? ''),
    program: `${archive.prefix}/bin/${programName(archive)}`,
    library: libraryName(archive),
    abiFlags: archive.abiFlags,
    isSanitized: hasSanitizer(archive.identity?.options ?? []),
  };
}

type ElfCheck<Elf = ElfFacts> = (elf: Elf, context: Context) => string | undefined;

function elfRule(id: string, demand: string, problem: ElfCheck): Rule {
  return rule(id, demand, (archive) => {
    const context = contextOf(archive);
    return archive.elfFiles.flatMap((elf): readonly Offence[] => {
      const message = problem(elf, context);
      return message === undefined ? [] : [{path: elf.path, message}];
    });
  });
}

/** A rule for what the loader maps into a process. */
function loadedRule(id: string, demand: string, problem: ElfCheck): Rule {
  return elfRule(id, demand, (elf, context) =>
    elf.type === 'executable' || elf.type === 'shared' ? problem(elf, context) : undefined,
  );
}

/** A rule for the interpreter, which also applies if it is not an ELF file. */
function programRule(id: string, demand: string, problem: ElfCheck<ElfFacts | undefined>): Rule {
  return rule(id, demand, (archive) => {
    const context = contextOf(archive);
    const path = context.program;
    const message = problem(
      archive.elfFiles.find((elf) => elf.path === path),
      context,
    );
    return message === undefined ? [] : [{path, message}];
  });
}

function isAllowed(
  name: string,
  elf: ElfFacts,
  {target, library, program, isSanitized}: Context,
): boolean {
  const module = /\/lib-dynload\/(\w+)\./.exec(elf.path)?.[1] ?? '';
  return (
    target === undefined ||
    target.libraries.includes(name) ||
    name === path.posix.basename(target.loader) ||
    name === `$ORIGIN/../lib/${library}.so.1.0` ||
    name === moduleLibraries[module] ||
    (isSanitized && elf.path === program && name === sanitizerLibrary)
  );
}

/** Libraries of every process. */
const alwaysThere = /^(?:ld-linux|ld64\.so|ld\.so|libc\.so|libgcc_s\.so)/;

function systemLinkProblems({pythonJson, elfFiles}: ArchiveContents): readonly Offence[] {
  if (pythonJson?.kind !== 'valid') return [];
  const links = new Set(
    linksOf(pythonJson.value).flatMap(([, {name, system}]) => (system === true ? [name] : [])),
  );
  return elfFiles.flatMap(({path, dynamic}) =>
    (dynamic?.needed ?? [])
      .filter((name) => !name.includes('libpython') && !alwaysThere.test(name))
      .map((name) => /^lib(.+?)\.so/.exec(name)?.[1] ?? name)
      .filter((name) => !links.has(name))
      .map((name) => ({path, message: `expected a system link ${name} in PYTHON.json`})),
  );
}
