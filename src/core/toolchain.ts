/** Which compilers build everything: those of the Debian image, or of the stages `toolchain/*`. */
export type ToolchainKind = 'debian' | 'bootstrap';

/** Every toolchain, the default first. */
export const toolchainKinds: readonly ToolchainKind[] = ['debian', 'bootstrap'];

/** LLVM's names of its target processors, as in release 22 (`LLVM_ALL_TARGETS`). */
export const llvmTargets: readonly string[] = (
  'AArch64 AMDGPU ARM AVR BPF Hexagon Lanai LoongArch Mips MSP430 NVPTX PowerPC RISCV Sparc SPIRV SystemZ VE ' +
  'WebAssembly X86 XCore'
).split(' ');
