import type {ToolchainKind} from './toolchain.js';

/** Where a distribution runs. Becomes `--host` for libraries and `--target` only for binutils and GCC. */
export type TargetTriple = 'x86_64-unknown-linux-gnu';

/** Every triple that can be built, in the order they are offered. */
export const targetTriples: readonly TargetTriple[] = ['x86_64-unknown-linux-gnu'];

/** Returns `text` as a supported target triple, else `undefined`. */
export function parseTargetTriple(text: string): TargetTriple | undefined {
  return targetTriples.find((triple) => triple === text);
}

/** The name of a target's folders in Debian: `x86_64-linux-gnu`. */
export function multiarchName(target: TargetTriple): string {
  return target.replace('-unknown-', '-');
}

/** What decides between the variants of a flag, a patch, a source: the context of every `when:`. */
export interface BuildContext {
  /** The version of CPython, `3.14.7`. */
  readonly python: string;
  readonly target: TargetTriple;
  readonly sourceSet: SourceSet;
  /** The build option, `noopt`. */
  readonly options: string;
  readonly toolchain: ToolchainKind;
  /** The glibc that the output must run on, `2.17`; without one it is the sysroot's own. */
  readonly glibcFloor?: string;
}

/** Which of a recipe's pinned downloads is used. */
export type SourceSet = 'upstream' | 'debian';

/** Every source set, in the order of preference. */
export const sourceSets: readonly SourceSet[] = ['upstream', 'debian'];
