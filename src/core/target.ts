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

/** Which of a recipe's pinned downloads is used. */
export type SourceSet = 'upstream' | 'debian';

/** Every source set, in the order of preference. */
export const sourceSets: readonly SourceSet[] = ['upstream', 'debian'];
