/** The build machine, whatever the target: every image with programs is made for it. It is defined nowhere else. */
export const buildMachine = {
  /** `--build` of configure scripts. The target with this GNU triple is the default. */
  gnu: 'x86_64-unknown-linux-gnu',
  /** Debian's names. */
  architecture: 'amd64',
  multiarch: 'x86_64-linux-gnu',
  /** File name of the dynamic loader. */
  loader: 'ld-linux-x86-64.so.2',
  /** LLVM's name of the processor. */
  llvm: 'X86',
  /** The names that engines and Node use for the system. */
  engine: 'linux amd64',
  node: 'linux x64',
  /** For seccomp filters: `AUDIT_ARCH_*`, the number of `ioctl`, and the first number of other system calls (x32). */
  systemCalls: {audit: 0xc000_003e, ioctl: 16, otherKind: 0x4000_0000},
} as const;
