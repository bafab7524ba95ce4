import {buildMachine} from '../core/build-machine.js';
import type {Platform} from '../core/variant.js';
import type {ToolchainKind} from '../core/toolchain.js';

/** What is compiled: a static library, or the interpreter that it is linked into. */
export type CompiledPart = 'dependency' | 'cpython';

/** What a stage adds to the environment that every compile has. */
export interface CompileEnvironmentOptions {
  readonly part: CompiledPart;
  /** Seconds since 1970, of the stage's own source. */
  readonly sourceDateEpoch: number;
  readonly cflags?: readonly string[];
  /** Added to CPPFLAGS and to CFLAGS. */
  readonly cppflags?: readonly string[];
}

/** Where a sysroot with a glibc floor says which functions are missing. */
export const configSitePath = '/sysroot/usr/share/config.site';

/** Where the stages `toolchain/*` find each other's programs, and what is built with the toolchain finds it. */
export const toolsGuestPath = '/tools';

const toolchainFolders: Readonly<Record<ToolchainKind, string>> = {
  debian: '/usr/lib/llvm-22',
  bootstrap: toolsGuestPath,
};

/** The folder of a toolchain's programs: the only place that says where compilers lie. */
export function compilerPath(toolchain: ToolchainKind): string {
  return `${toolchainFolders[toolchain]}/bin`;
}

/** Where a build has its programs, the toolchain's first. */
export function toolPath(toolchain: ToolchainKind): string {
  return `${compilerPath(toolchain)}:/usr/bin:/usr/sbin`;
}

/**
 * The whole environment of a compiling stage, but for what the executor adds (MAKEFLAGS, AMPOULE_JOBS). The only
 * place where compiler and linker flags are written down.
 */
export function compileEnvironment(
  context: Platform,
  options: CompileEnvironmentOptions,
): Readonly<Record<string, string>> {
  const {target} = context;
  // Without a target, clang makes code for the machine that it runs on.
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
    // Every configure script of Autoconf reads it first. What it would ask the headers is answered there.
    ...(context.glibcFloor === undefined ? {} : {CONFIG_SITE: configSitePath}),
    ...target.answers,
  };
}

function compilerFlags(context: Platform, part: CompiledPart): readonly string[] {
  return [
    '--sysroot=/sysroot',
    '-O3',
    '-g',
    // The archives end in libpython and in shared extension modules as well.
    '-fPIC',
    // A dependency's symbols are its own: another copy in the process must not be bound to them.
    ...(part === 'dependency' ? ['-fvisibility=hidden'] : []),
    // Not -strong, which costs the interpreter some percent.
    '-fstack-protector',
    ...context.target.cflags,
    '-U_FORTIFY_SOURCE',
    '-D_FORTIFY_SOURCE=2',
    // BOLT cannot rewrite the DWARF 5 of some objects.
    '-fdebug-default-version=4',
    '-ffile-prefix-map=/build=.',
    '-ffile-prefix-map=/deps=deps',
    '-ffile-prefix-map=/sysroot=sysroot',
    // Debug information names the compiler's own headers: by one name, whichever toolchain compiled.
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
    // What a static library defines visibly is still none of libpython's business.
    ...(part === 'cpython' ? ['-Wl,--exclude-libs,ALL'] : []),
    '-L/deps/lib',
  ];
}
