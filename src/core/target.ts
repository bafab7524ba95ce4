/** Where a distribution runs: the content of `targets/<triple>.yaml`, under the same keys. */
export interface Target {
  /** The name of the target as in python-build-standalone, used in names of archives and in `when:`. */
  readonly triple: string;
  /** The GNU triple: `--host` of libraries, `--target` of clang. */
  readonly gnu: string;
  /** The name of the target's folders in Debian and in CPython: `x86_64-linux-gnu`. */
  readonly multiarch: string;
  /** `sysconfig.get_platform()` */
  readonly platform: string;
  /** LLVM's name of the processor, one of `llvmTargets`. */
  readonly llvm: string;
  readonly elf: TargetElf;
  /** The path of the dynamic loader that programs name. */
  readonly loader: string;
  /** Compiler flags in addition to those of every target. */
  readonly cflags: readonly string[];
  readonly glibc: GlibcRange;
  /** The build options when nobody names any, `pgo+lto`. */
  readonly options: string;
  /** The system libraries that files may need; the loader is always allowed. */
  readonly libraries: readonly string[];
  /** Variables of Autoconf's cache (`ac_cv_...`) for what configure scripts cannot detect while cross-compiling. */
  readonly answers: Readonly<Record<string, string>>;
}

/** The header of every ELF file of a target. */
export interface TargetElf {
  readonly class: 32 | 64;
  /** `EM_*` */
  readonly machine: number;
}

/** The glibc floors of a target, `2.17`. */
export interface GlibcRange {
  /** The default floor. */
  readonly default: string;
  /** The version that the compiler's runtime, libgcc_s.so.1, needs. */
  readonly oldest: string;
  /** The version of the sysroot's suite: no file needs a newer one. */
  readonly newest: string;
}

/** A set of pinned downloads. */
export type SourceSet = 'upstream' | 'debian';

/** Every source set, in the order of preference. */
export const sourceSets: readonly SourceSet[] = ['upstream', 'debian'];
