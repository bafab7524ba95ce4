import {buildMachine} from '../core/build-machine.js';
import type {Platform} from '../core/variant.js';
import type {ToolchainKind} from '../core/toolchain.js';

/** What is compiled: a static library, or the interpreter. */
export type CompiledPart = 'dependency' | 'cpython';

/** A stage's additions to the common environment of compiles. */
export interface CompileEnvironmentOptions {
  readonly part: CompiledPart;
  /** Seconds since 1970, of the stage's own source. */
  readonly sourceDateEpoch: number;
  readonly cflags?: readonly string[];
  /** Added to CPPFLAGS and to CFLAGS. */
  readonly cppflags?: readonly string[];
}

/** The file in which a sysroot with a glibc floor lists missing functions. */
export const configSitePath = '/sysroot/usr/share/config.site';

/** Where stages find the programs of the toolchain, or of earlier toolchain stages. */
export const toolsGuestPath = '/tools';

const toolchainFolders: Readonly<Record<ToolchainKind, string>> = {
  debian: '/usr/lib/llvm-22',
  bootstrap: toolsGuestPath,
};

/** The folder of a toolchain's programs. Nothing else defines where compilers are. */
export function compilerPath(toolchain: ToolchainKind): string {
  return `${toolchainFolders[toolchain]}/bin`;
}

/** The search path for programs, the toolchain's first. */
export function toolPath(toolchain: ToolchainKind): string {
  return `${compilerPath(toolchain)}:/usr/bin:/usr/sbin`;
}

/**
 * The complete environment of a compiling stage, except for what the executor adds (MAKEFLAGS, AMPOULE_JOBS). Compiler
 * and linker flags are defined nowhere else.
 */
export function compileEnvironment(
  context: Platform,
  options: CompileEnvironmentOptions,
): Readonly<Record<string, string>> {
  const {target} = context;
  // Without a target, clang generates code for its own machine.
  const compiled = target.gnu === buildMachine.gnu ? '' : ` --target=${target.gnu}`;
  const preprocess = ['-I/deps/include', ...(options.cppflags ?? [])];
  return {
    PATH: toolPath(context.toolchain),
    HOME: '/build',
    TMPDIR: '/tmp',
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
    PYTHONHASHSEED: '0',
    SOURCE_DATE_EPOCH: String(options.sourceDateEpoch),
    ZERO_AR_DATE: '1',
    BUILD_TRIPLE: buildMachine.gnu,
    HOST_TRIPLE: target.gnu,
    CC: `clang${compiled}`,
    CXX: `clang++${compiled}`,
    AR: 'llvm-ar',
    RANLIB: 'llvm-ranlib',
    NM: 'llvm-nm',
    STRIP: 'llvm-strip',
    CFLAGS: [
      ...compilerFlags(context, options.part),
      ...preprocess,
      ...(options.cflags ?? []),
    ].join(' '),
    CPPFLAGS: ['--sysroot=/sysroot', ...preprocess].join(' '),
    LDFLAGS: linkerFlags(options.part).join(' '),
    // Every Autoconf script reads it first. It answers questions that the headers would answer wrongly.
    ...(context.glibcFloor === undefined ? {} : {CONFIG_SITE: configSitePath}),
    ...target.answers,
  };
}

function compilerFlags(context: Platform, part: CompiledPart): readonly string[] {
  return [
    '--sysroot=/sysroot',
    '-O3',
    '-g',
    // The static libraries are also linked into libpython and shared extension modules.
    '-fPIC',
    // Symbols of a dependency are private: another copy in the process must not bind to them.
    ...(part === 'dependency' ? ['-fvisibility=hidden'] : []),
    // Not -strong, which slows the interpreter by a few percent.
    '-fstack-protector',
    ...context.target.cflags,
    '-U_FORTIFY_SOURCE',
    '-D_FORTIFY_SOURCE=2',
    // BOLT cannot rewrite DWARF 5 of some objects.
    '-fdebug-default-version=4',
    '-ffile-prefix-map=/build=.',
    '-ffile-prefix-map=/deps=deps',
    '-ffile-prefix-map=/sysroot=sysroot',
    // Debug information names the compiler's own headers; this gives them the same name with every toolchain.
    ...(context.toolchain === 'debian'
      ? []
      : [`-ffile-prefix-map=${toolsGuestPath}=${toolchainFolders.debian}`]),
  ];
}

function linkerFlags(part: CompiledPart): readonly string[] {
  return [
    '--sysroot=/sysroot',
    '-fuse-ld=lld',
    '-Wl,-z,noexecstack',
    '-Wl,-z,relro',
    '-Wl,-z,now',
    // Visible symbols of static libraries must not be exported from libpython.
    ...(part === 'cpython' ? ['-Wl,--exclude-libs,ALL'] : []),
    '-L/deps/lib',
  ];
}
