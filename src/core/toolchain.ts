/** Which compilers build everything: the image's own, from Debian, or those of the stages `toolchain/*`. */
export type ToolchainKind = 'debian' | 'bootstrap';

/** Every toolchain, the usual one first. */
export const toolchainKinds: readonly ToolchainKind[] = ['debian', 'bootstrap'];

/** LLVM's names of the processors that its compilers can make code for, as release 22 lists them (`LLVM_ALL_TARGETS`). */
export const llvmTargets: readonly string[] = (
  'AArch64 AMDGPU ARM AVR BPF Hexagon Lanai LoongArch Mips MSP430 NVPTX PowerPC RISCV Sparc SPIRV SystemZ VE ' +
  'WebAssembly X86 XCore'
).split(' ');
