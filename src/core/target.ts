/** Where a distribution runs: what `targets/<triple>.yaml` says, under the same keys. */
export interface Target {
  /** The name of the target, as python-build-standalone spells it: in names of archives and in `when:`. */
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
  /** What the compiler is told in addition to the flags of every target. */
  readonly cflags: readonly string[];
  readonly glibc: GlibcRange;
  /** The libraries of the system that files may need; the loader is always one of them. */
  readonly libraries: readonly string[];
  /** Variables of Autoconf's cache (`ac_cv_...`): what configure scripts cannot find out while they cross-compile. */
  readonly answers: Readonly<Record<string, string>>;
}

/** The header of every ELF file of a target. */
export interface TargetElf {
  readonly class: 32 | 64;
  /** `EM_*` */
  readonly machine: number;
}

/** The versions of glibc that a target's output can be made for, `2.17`. */
export interface GlibcRange {
  /** The floor when nobody names one. */
  readonly default: string;
  /** What the compiler's runtime, libgcc_s.so.1, needs. */
  readonly oldest: string;
  /** That of the sysroot's suite: no file needs a later one. */
  readonly newest: string;
}

/** A set of pinned downloads. */
export type SourceSet = 'upstream' | 'debian';

/** Every source set, in the order of preference. */
export const sourceSets: readonly SourceSet[] = ['upstream', 'debian'];
