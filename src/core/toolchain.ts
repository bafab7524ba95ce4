/** Which compilers build everything: the image's own, from Debian, or those of the stages `toolchain/*`. */
export type ToolchainKind = 'debian' | 'bootstrap';

/** Every toolchain, the usual one first. */
export const toolchainKinds: readonly ToolchainKind[] = ['debian', 'bootstrap'];
