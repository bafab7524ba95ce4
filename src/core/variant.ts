import {failure, success, type Result} from './errors.js';
import type {SourceSet, Target} from './target.js';
import type {ToolchainKind} from './toolchain.js';

/** One distribution of CPython: everything that distinguishes it from others of the same checkout. */
export interface Variant {
  /** The exact version of CPython, `3.14.7`. */
  readonly python: string;
  readonly target: Target;
  readonly options: BuildOptions;
  readonly toolchain: ToolchainKind;
  readonly sourceSet: SourceSet;
  /** The glibc floor, `2.17`; without one it is the sysroot's own glibc. */
  readonly glibcFloor?: string;
  /** Present if a developer's own tree is built, and not the pinned source of this version. */
  readonly ownTree?: OwnTree;
}

/** What is known of a developer's own tree of CPython. Its content is that of a source. */
export interface OwnTree {
  /** The version of the recipe whose `when:` and patches apply: that of the tree if its series is known. */
  readonly likePython: string;
}

/** The inputs of everything compiled, for any Python. */
export type Platform = Pick<Variant, 'target' | 'toolchain' | 'sourceSet' | 'glibcFloor'>;

/** The inputs of a static library: the platform, and others only if its recipe has a `when:` on them. */
export type LibraryParts = Platform & Partial<Pick<Variant, 'python' | 'options' | 'ownTree'>>;

/** An entry of the table of build options. */
interface BuildOptionEntry {
  /** Its name in option strings, file names and `when:`. */
  readonly name: string;
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

/** Every build option: those of python-build-standalone in the order of its file names, then our own. */
const buildOptionTable = [
  {name: 'freethreaded', abiFlag: 't', pythons: '>=3.13'},
  {name: 'debug', level: 'alone', abiFlag: 'd', isForDevelopers: true},
  {name: 'noopt', level: 'alone'},
  {name: 'pgo', level: 'joint'},
  {name: 'lto', level: 'joint'},
  {
    name: 'static',
    notBuildable: 'a program linked statically with glibc cannot load extension modules',
    isForDevelopers: true,
  },
  {
    name: 'jit',
    pythons: '>=3.13',
    notBootstrapped: 'the image of that toolchain has no Python, which makes the parts of the JIT',
    excludes: {freethreaded: "CPython's configure refuses the JIT without the GIL"},
  },
  {
    name: 'trace-refs',
    pythons: '>=3.13',
    notInOthers: 'it changes the layout of objects, and modules for the stable ABI do not compile',
    excludes: {freethreaded: "CPython's configure refuses it without the GIL"},
    isForDevelopers: true,
  },
  {
    name: 'asan',
    excludes: {
      ...sanitizerConflicts,
      tsan: 'both replace the memory of the process by their own layout',
    },
    ...sanitizer,
  },
  {name: 'ubsan', excludes: sanitizerConflicts, ...sanitizer},
  {name: 'tsan', pythons: '>=3.13', excludes: sanitizerConflicts, ...sanitizer},
] as const satisfies readonly BuildOptionEntry[];

const entries: readonly (BuildOptionEntry & {readonly name: BuildOption})[] = buildOptionTable;

/** A build option: `debug`. */
export type BuildOption = (typeof buildOptionTable)[number]['name'];

/** The build options of one distribution, each once, in the table's order. */
export type BuildOptions = readonly BuildOption[];

/** Every build option, in the order of option strings. */
export const buildOptions: BuildOptions = entries.map(({name}) => name);

/** Reads an option string such as `freethreaded+pgo+lto`; its parts may be in any order. */
export function parseBuildOptions(text: string): Result<BuildOptions> {
  const words = text.split('+');
  const unknown = words.find((word) => !entries.some(({name}) => name === word));
  if (unknown !== undefined) {
    return refuse(
      `unknown build option "${unknown}". Expected some of ${buildOptions.join(', ')}, joined by "+": noopt, pgo+lto`,
    );
  }
  const repeated = words.find((word, index) => words.indexOf(word) < index);
  if (repeated !== undefined) return refuse(`"${text}" names ${repeated} twice`);
  const chosen = entries.filter(({name}) => words.includes(name));
  const conflict = conflictIn(chosen);
  if (conflict !== undefined) return refuse(`"${text}": ${conflict}`);
  if (!chosen.some(({level}) => level !== undefined)) {
    const offered = entries.filter(({level}) => level !== undefined).map(({name}) => name);
    return refuse(
      `"${text}" does not say how the code is optimized: add one of ${offered.join(', ')}`,
    );
  }
  return success(chosen.map(({name}) => name));
}

/** Why these options cannot be had together; `undefined` if they can. */
function conflictIn(chosen: typeof entries): string | undefined {
  const levels = chosen.filter(({level}) => level !== undefined);
  const alone = levels.find(({level}) => level === 'alone');
  const other = levels.find((entry) => entry !== alone);
  if (alone !== undefined && other !== undefined) {
    return `${alone.name} and ${other.name} exclude each other`;
  }
  for (const {name, excludes = {}} of chosen) {
    const excluded = chosen.find((entry) => entry.name in excludes);
    if (excluded !== undefined) {
      return `${excluded.name} and ${name} exclude each other: ${excludes[excluded.name] ?? ''}`;
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
  return entriesOf(options)
    .map(({abiFlag = ''}) => abiFlag)
    .join('');
}

/** `optimizations` of PYTHON.json: the option string without `freethreaded`. */
export function optimizationsOf(options: BuildOptions): string {
  return printBuildOptions(options.filter((option) => option !== 'freethreaded'));
}

/** Why a build option cannot be built for any Python; `undefined` if it can. */
export function whyNotBuildable(option: BuildOption): string | undefined {
  return entriesOf([option])[0]?.notBuildable;
}

/** The Pythons that can be built with an option, as a semver range; `undefined` for all. */
export function pythonsWith(option: BuildOption): string | undefined {
  return entriesOf([option])[0]?.pythons;
}

/** Why an option is not for Pythons outside its range; `undefined` if they do not have it. */
export function whyNotInOthers(option: BuildOption): string | undefined {
  return entriesOf([option])[0]?.notInOthers;
}

/** Why the toolchain from source cannot build an option; `undefined` if it can. */
export function whyNotBootstrapped(option: BuildOption): string | undefined {
  return entriesOf([option])[0]?.notBootstrapped;
}

/** The oldest glibc that has what an option links; `undefined` if the target decides. */
export function oldestGlibcOf(option: BuildOption): string | undefined {
  return entriesOf([option])[0]?.oldestGlibc;
}

/** Whether the result is linked with a runtime of the compiler that watches it. */
export function hasSanitizer(options: readonly string[]): boolean {
  return entries.some(({name, isSanitizer}) => isSanitizer === true && options.includes(name));
}

/** Whether a distribution with these options has install-only archives. */
export function hasInstallOnly(options: BuildOptions): boolean {
  return entriesOf(options).every(({isForDevelopers}) => isForDevelopers !== true);
}

/**
 * How much a distribution is optimized. Names of install-only archives do not say it, so of the distributions of one plan
 * that would have the same name, only the one with the highest number has these archives.
 */
export function optimizationRank(options: BuildOptions): number {
  const joint = entries.filter(({level}) => level === 'joint').map(({name}) => name);
  const worth = joint.map((name, index) =>
    options.includes(name) ? 2 ** (joint.length - index) : 0,
  );
  // The plain one of two that are otherwise alike.
  return worth.reduce((sum, one) => sum + one, 0) - options.length / 100;
}

function entriesOf(options: BuildOptions): typeof entries {
  return entries.filter(({name}) => options.includes(name));
}

/** `3.14` of `3.14.7`: the part that patch releases do not change. */
export function seriesOf(python: string): string {
  return python.split('.').slice(0, 2).join('.');
}

/**
 * The name of a variant or of a part of one: `3.14-x86_64-unknown-linux-gnu.2.17-noopt`. Python by its minor version,
 * so that the name survives upgrades; the floor after the triple, as in zig; Debian's toolchain and upstream's sources
 * are implied; a developer's own tree is never mistaken for a pinned source. Missing parts are omitted. Different variants of a project have different names.
 */
export function variantName(parts: Partial<Variant>): string {
  const {python, target, glibcFloor, options, toolchain, sourceSet, ownTree} = parts;
  return [
    ...(python === undefined ? [] : [seriesOf(python)]),
    ...(target === undefined
      ? []
      : [[target.triple, ...(glibcFloor === undefined ? [] : [glibcFloor])].join('.')]),
    ...(options === undefined ? [] : [printBuildOptions(options)]),
    ...(toolchain === undefined || toolchain === 'debian' ? [] : [toolchain]),
    ...(sourceSet === 'debian' ? ['debian-sources'] : []),
    ...(ownTree === undefined ? [] : ['own-tree']),
  ].join('-');
}

/** A variant as JSON, with its options as one string. */
export function variantAsJson({options, ...rest}: Variant): object {
  const {python, target, sourceSet, toolchain, glibcFloor, ownTree} = rest;
  return {
    ...{python, target: target.triple, sourceSet, options: printBuildOptions(options), toolchain},
    ...(glibcFloor === undefined ? {} : {glibcFloor}),
    ...(ownTree === undefined ? {} : {ownTree}),
  };
}
