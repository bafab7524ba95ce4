import {failure, success, type Result} from './errors.js';

/** What the table says of a build option. */
interface BuildOptionEntry {
  /** Whether it selects the optimization. Every set needs such an option; `alone` excludes all others. */
  readonly level?: 'alone' | 'joint';
  /** Its letter in `sys.abiflags`. */
  readonly abiFlag?: string;
  /** The Pythons that can be built with it, as a semver range; by default all. */
  readonly pythons?: string;
  /** Why it is not for other Pythons; missing if they do not have it. */
  readonly notInOthers?: string;
  /** Why no recipe can build it; missing if one can. */
  readonly notBuildable?: string;
  /** The options that it does not go with, and the reason. Naming a pair once is enough. */
  readonly excludes?: Readonly<Record<string, string>>;
  /** Why the toolchain from source cannot build it; missing if it can. */
  readonly notBootstrapped?: string;
  /** The oldest glibc that has what it links; missing if the target decides. */
  readonly oldestGlibc?: string;
  /** Whether the compiler inserts calls of its own runtime, which is linked into the result. */
  readonly isSanitizer?: true;
  /** Whether it is for work on CPython or on extension modules only: it has no install-only archives. */
  readonly isForDevelopers?: true;
}

const sanitizerConflicts = {
  pgo: 'sanitizers are for debug and noopt builds',
  lto: 'sanitizers are for debug and noopt builds',
  jit: 'sanitizers do not see what the JIT generates',
} as const;

/** What all sanitizers have in common. */
const sanitizer = {
  notBootstrapped: 'the toolchain from source has no runtimes of sanitizers',
  // getauxval
  oldestGlibc: '2.16',
  isSanitizer: true,
  isForDevelopers: true,
} as const;

/** By names in option strings, file names and `when:`: those of python-build-standalone in its order, then our own. */
const table = {
  freethreaded: {abiFlag: 't', pythons: '>=3.13'},
  debug: {level: 'alone', abiFlag: 'd', isForDevelopers: true},
  noopt: {level: 'alone'},
  pgo: {level: 'joint'},
  lto: {level: 'joint'},
  static: {
    notBuildable: 'a program linked statically with glibc cannot load extension modules',
    isForDevelopers: true,
  },
  jit: {
    pythons: '>=3.13',
    notBootstrapped: 'the image of that toolchain has no Python, which makes the parts of the JIT',
    excludes: {freethreaded: "CPython's configure refuses the JIT without the GIL"},
  },
  'trace-refs': {
    pythons: '>=3.13',
    notInOthers: 'it changes the layout of objects, and modules for the stable ABI do not compile',
    excludes: {freethreaded: "CPython's configure refuses it without the GIL"},
    isForDevelopers: true,
  },
  asan: {
    excludes: {
      ...sanitizerConflicts,
      tsan: 'both replace the memory of the process by their own layout',
    },
    ...sanitizer,
  },
  ubsan: {excludes: sanitizerConflicts, ...sanitizer},
  tsan: {pythons: '>=3.13', excludes: sanitizerConflicts, ...sanitizer},
} as const satisfies Readonly<Record<string, BuildOptionEntry>>;

/** A build option: `debug`. */
export type BuildOption = keyof typeof table;

/** The build options of one distribution, each once, in the table's order. */
export type BuildOptions = readonly BuildOption[];

/** What there is to know of each build option. */
export const buildOptionTable: Readonly<Record<BuildOption, BuildOptionEntry>> = table;

/** Every build option, in the order of option strings. */
export const buildOptions: BuildOptions = Object.keys(table) as BuildOption[];

/** Reads an option string such as `freethreaded+pgo+lto`; its parts may be in any order. */
export function parseBuildOptions(text: string): Result<BuildOptions> {
  const words = text.split('+');
  const unknown = words.find((word) => !buildOptions.some((option) => option === word));
  if (unknown !== undefined) {
    return refuse(
      `unknown build option "${unknown}". Expected some of ${buildOptions.join(', ')}, joined by "+": noopt, pgo+lto`,
    );
  }
  const repeated = words.find((word, index) => words.indexOf(word) < index);
  if (repeated !== undefined) return refuse(`"${text}" names ${repeated} twice`);
  const chosen = buildOptions.filter((option) => words.includes(option));
  const conflict = conflictIn(chosen);
  if (conflict !== undefined) return refuse(`"${text}": ${conflict}`);
  if (!chosen.some(isLevel)) {
    const offered = buildOptions.filter(isLevel).join(', ');
    return refuse(`"${text}" does not say how the code is optimized: add one of ${offered}`);
  }
  return success(chosen);
}

function isLevel(option: BuildOption): boolean {
  return buildOptionTable[option].level !== undefined;
}

/** Why these options cannot be had together; `undefined` if they can. */
function conflictIn(chosen: BuildOptions): string | undefined {
  const levels = chosen.filter(isLevel);
  const alone = levels.find((option) => buildOptionTable[option].level === 'alone');
  const other = levels.find((option) => option !== alone);
  if (alone !== undefined && other !== undefined) return `${alone} and ${other} exclude each other`;
  for (const option of chosen) {
    const {excludes = {}} = buildOptionTable[option];
    const excluded = chosen.find((one) => one in excludes);
    if (excluded !== undefined) {
      return `${excluded} and ${option} exclude each other: ${excludes[excluded] ?? ''}`;
    }
  }
  return undefined;
}

function refuse(message: string): Result<never> {
  return failure([{file: '--options', message}]);
}

/** The option string for file names and PYTHON.json: `freethreaded+pgo+lto`. */
export function printBuildOptions(options: BuildOptions): string {
  return options.join('+');
}

/** `sys.abiflags` of these options: `t`, `d`, `td` or nothing. */
export function abiFlagsOf(options: BuildOptions): string {
  return options.map((option) => buildOptionTable[option].abiFlag ?? '').join('');
}

/** `optimizations` of PYTHON.json: the option string without `freethreaded`. */
export function optimizationsOf(options: BuildOptions): string {
  return printBuildOptions(options.filter((option) => option !== 'freethreaded'));
}

/** Whether the result is linked with a runtime of the compiler that watches it. */
export function hasSanitizer(options: BuildOptions): boolean {
  return options.some((option) => buildOptionTable[option].isSanitizer === true);
}

/** Whether a distribution with these options has install-only archives. */
export function hasInstallOnly(options: BuildOptions): boolean {
  return options.every((option) => buildOptionTable[option].isForDevelopers !== true);
}

/**
 * How much a distribution is optimized. Names of install-only archives do not say it, so of the distributions of one plan
 * that would have the same name, only the one with the highest number has these archives.
 */
export function optimizationRank(options: BuildOptions): number {
  const joint = buildOptions.filter((option) => buildOptionTable[option].level === 'joint');
  const worth = joint.map((option, index) =>
    options.includes(option) ? 2 ** (joint.length - index) : 0,
  );
  // The plain one of two that are otherwise alike.
  return worth.reduce((sum, one) => sum + one, 0) - options.length / 100;
}
