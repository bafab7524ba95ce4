/** What a target triple means for the bytes. */
export interface TargetFacts {
  /** `EM_*` of every ELF file. */
  readonly machine: number;
  /** `sysconfig.get_platform()` */
  readonly platformTag: string;
  /** The `x86_64-linux-gnu` of `config-3.14-x86_64-linux-gnu`. */
  readonly multiarch: string;
  /** The dynamic loader that programs name. */
  readonly loader: string;
  /** The highest glibc version that a file may need: the sysroot's own. A build's record may promise less. */
  readonly highestGlibc: string;
  /** Libraries of the system that a file may need. */
  readonly systemLibraries: readonly string[];
}

const glibcLibraries = [
  'libc.so.6',
  'libdl.so.2',
  'libm.so.6',
  'libpthread.so.0',
  'librt.so.1',
  'libutil.so.1',
];

const targets: Readonly<Record<string, TargetFacts>> = {
  'x86_64-unknown-linux-gnu': {
    machine: 62,
    platformTag: 'linux-x86_64',
    multiarch: 'x86_64-linux-gnu',
    loader: '/lib64/ld-linux-x86-64.so.2',
    highestGlibc: '2.31',
    systemLibraries: [...glibcLibraries, 'ld-linux-x86-64.so.2', 'libgcc_s.so.1'],
  },
};

/** The triples that are known here. */
export const knownTargets: readonly string[] = Object.keys(targets);

/** The facts of a triple; `undefined` for one that is not known. */
export function targetFacts(triple: string | undefined): TargetFacts | undefined {
  return triple === undefined ? undefined : targets[triple];
}
