import type {FileBytes} from '../archive/member-bytes.js';
import {ElfFormatError} from '../elf/elf-bytes.js';
import {readDynamic, type ElfDynamic} from '../elf/elf-dynamic.js';
import {readElf, sectionView, segmentTypes, type ElfFile, type ElfType} from '../elf/elf-file.js';
import {readDynamicSymbols, readStaticSymbols, type ElfSymbol} from '../elf/elf-symbols.js';
import {glibcVersionsOf} from '../elf/glibc-floor.js';
import {findBuildPaths, type BuildPath} from './build-paths.js';

/** The facts about an ELF file that rules check. */
export interface ElfFacts {
  /** `python/build/lib/libz.a(inflate.o)` for a member of a static library. */
  readonly path: string;
  readonly type: ElfType;
  readonly class: 32 | 64;
  /** `EM_*` */
  readonly machine: number;
  /** `PT_INTERP`, the dynamic loader; `undefined` unless it is a program. */
  readonly interpreter: string | undefined;
  /** If `missing`, the kernel makes the stack executable. */
  readonly stack: 'missing' | 'executable' | 'plain';
  readonly hasRelro: boolean;
  readonly hasWritableCode: boolean;
  readonly dynamic: ElfDynamic | undefined;
  /** The glibc versions that it needs, `2.17`, oldest first. */
  readonly glibcVersions: readonly string[];
  /** Undefined dynamic symbols. */
  readonly undefined: ReadonlySet<string>;
  /** The weak ones among them. */
  readonly weakUndefined: readonly string[];
  /** Defined dynamic symbols. */
  readonly exported: ReadonlySet<string>;
  /** Calls of forbidden functions, dynamic or in object code. */
  readonly forbiddenCalls: readonly string[];
  /** Names of `.debug_*` sections. */
  readonly debugSections: readonly string[];
  /** The compressed ones among them. */
  readonly compressedSections: readonly string[];
  /** Whether it carries LLVM bitcode beside machine code. */
  readonly hasBitcode: boolean;
}

/** Functions that old glibc versions mark as obsolete and new versions lack. */
const forbiddenFunctions: readonly string[] = ['pthread_yield'];

const compressedFlag = 0x800;

const maximumPathBytes = 4096;

/**
 * Reads the facts of an ELF file and the sandbox paths in it. @throws ElfFormatError for bytes that are not a valid ELF
 * file.
 */
export function readElfFacts(
  path: string,
  bytes: FileBytes,
): {readonly facts: ElfFacts; readonly buildPaths: readonly BuildPath[]} {
  const elf = readElf(bytes);
  const symbols = readDynamicSymbols(elf);
  const missing = symbols.filter(({isDefined, name}) => !isDefined && name !== '');
  const stack = elf.segments.find(({type}) => type === segmentTypes.gnuStack);
  const debugSections = elf.sections.filter(({name}) => /^\.z?debug_/.test(name));
  const facts: ElfFacts = {
    path,
    type: elf.type,
    class: elf.encoding.is64Bit ? 64 : 32,
    machine: elf.machine,
    interpreter: readInterpreter(elf),
    stack: stack === undefined ? 'missing' : stack.isExecutable ? 'executable' : 'plain',
    hasRelro: elf.segments.some(({type}) => type === segmentTypes.gnuRelro),
    hasWritableCode: elf.segments.some(
      ({type, isWritable, isExecutable}) =>
        type === segmentTypes.load && isWritable && isExecutable,
    ),
    dynamic: readDynamic(elf),
    glibcVersions: glibcVersionsOf(elf),
    undefined: new Set(missing.map(({name}) => name)),
    weakUndefined: missing.filter(({binding}) => binding === 'weak').map(({name}) => name),
    exported: new Set(symbols.filter(isExported).map(({name}) => name)),
    forbiddenCalls: forbiddenCalls(elf, missing),
    debugSections: debugSections.map(({name}) => name),
    compressedSections: debugSections
      .filter(({name, flags}) => name.startsWith('.z') || (flags & compressedFlag) !== 0)
      .map(({name}) => name),
    hasBitcode: elf.sections.some(({name}) => name === '.llvm.lto' || name === '.llvmbc'),
  };
  return {facts, buildPaths: elfBuildPaths(path, elf, findBuildPaths(bytes))};
}

function isExported({isDefined, binding, visibility}: ElfSymbol): boolean {
  return (
    isDefined && binding !== 'local' && (visibility === 'default' || visibility === 'protected')
  );
}

function readInterpreter(elf: ElfFile): string | undefined {
  const segment = elf.segments.find(({type}) => type === segmentTypes.interpreter);
  if (segment === undefined || segment.offset + segment.fileSizeBytes > elf.bytes.sizeBytes) {
    return undefined;
  }
  if (segment.fileSizeBytes > maximumPathBytes) {
    throw new ElfFormatError(`the interpreter's path has ${segment.fileSizeBytes} bytes`);
  }
  const bytes = elf.bytes.slice(segment.offset, segment.fileSizeBytes);
  return Buffer.from(bytes).toString('latin1').replace(/\0.*$/, '');
}

function forbiddenCalls(elf: ElfFile, missing: readonly ElfSymbol[]): readonly string[] {
  const names = new Set(missing.map(({name}) => name));
  // Reading all symbols of all objects takes seconds; almost none of them has the name among its strings.
  if (elf.type === 'relocatable') {
    const mentioned = forbiddenFunctions.filter((name) => hasString(elf, name));
    if (mentioned.length === 0) return [];
    for (const {name, isDefined} of readStaticSymbols(elf)) if (!isDefined) names.add(name);
  }
  return forbiddenFunctions.filter((name) => names.has(name));
}

/** Whether the string table contains a text. */
function hasString(elf: ElfFile, text: string): boolean {
  const strings = elf.sections.find(({name}) => name === '.strtab');
  return strings !== undefined && sectionView(elf, strings).includes(`${text}\0`);
}

/** At most one for each section. */
function elfBuildPaths(
  path: string,
  elf: ElfFile,
  hits: ReturnType<typeof findBuildPaths>,
): readonly BuildPath[] {
  const bySection = new Map<string, BuildPath>();
  for (const {offset, text} of hits) {
    const section =
      elf.sections.find(
        (candidate) =>
          candidate.type !== 8 &&
          offset >= candidate.offset &&
          offset < candidate.offset + candidate.sizeBytes,
      )?.name ?? 'between the sections';
    if (!bySection.has(section)) bySection.set(section, {path, section, text});
  }
  return [...bySection.values()];
}
