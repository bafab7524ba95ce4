/**
 * The machine that builds, whatever it builds for: every image with programs is made for it. The only place that says
 * which one that is.
 */
export const buildMachine = {
  /** `--build` of configure scripts. The target of this GNU triple is the one that is built when nobody names one. */
  gnu: 'x86_64-unknown-linux-gnu',
  /** Debian's names. */
  architecture: 'amd64',
  multiarch: 'x86_64-linux-gnu',
  /** File name of the dynamic loader. */
  loader: 'ld-linux-x86-64.so.2',
  /** LLVM's name of the processor. */
  llvm: 'X86',
  /** What an engine calls its system, and Node its own. */
  engine: 'linux amd64',
  node: 'linux x64',
  /** For filters of system calls: `AUDIT_ARCH_*`, the number of `ioctl`, and from where on numbers are of another kind (x32). */
  systemCalls: {audit: 0xc000_003e, ioctl: 16, otherKind: 0x4000_0000},
} as const;
