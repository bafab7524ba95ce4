import {failure, success, type Result} from './errors.js';
import type {SourceSet, Target} from './target.js';
import type {ToolchainKind} from './toolchain.js';

/** One distribution of CPython: everything that tells it from the others that a checkout can build. */
export interface Variant {
  /** The exact version of CPython, `3.14.7`. */
  readonly python: string;
  readonly target: Target;
  readonly options: BuildOptions;
  readonly toolchain: ToolchainKind;
  readonly sourceSet: SourceSet;
  /** The glibc floor, `2.17`; without one it is the sysroot's own glibc. */
  readonly glibcFloor?: string;
}

/** What all that is compiled depends on, whichever Python it is for. */
export type Platform = Pick<Variant, 'target' | 'toolchain' | 'sourceSet' | 'glibcFloor'>;

/** What a static library is made from: the platform, and the rest only where its recipe has a `when:` on it. */
export type LibraryParts = Platform & Partial<Pick<Variant, 'python' | 'options'>>;

/** What an entry of the table of build options says. */
interface BuildOptionEntry {
  /** As it stands in option strings, file names and `when:`. */
  readonly name: string;
  /** Says how the code is optimized: every set needs such an option. `alone` allows no other of them beside it. */
  readonly level?: 'alone' | 'joint';
  /** Its letter in `sys.abiflags`. */
  readonly abiFlag?: string;
  /** Whether the recipes can build it. */
  readonly isBuildable: boolean;
  /** Whether installers get archives of it: their names leave room for one distribution of a Python and target. */
  readonly hasInstallOnly: boolean;
}

/** Every build option, in the order in which option strings name them: that of python-build-standalone's file names. */
const buildOptionTable = [
  {name: 'freethreaded', abiFlag: 't', isBuildable: false, hasInstallOnly: true},
  {name: 'debug', level: 'alone', abiFlag: 'd', isBuildable: false, hasInstallOnly: false},
  {name: 'noopt', level: 'alone', isBuildable: true, hasInstallOnly: true},
  {name: 'pgo', level: 'joint', isBuildable: false, hasInstallOnly: true},
  {name: 'lto', level: 'joint', isBuildable: false, hasInstallOnly: true},
  {name: 'static', isBuildable: false, hasInstallOnly: false},
] as const satisfies readonly BuildOptionEntry[];

const entries: readonly (BuildOptionEntry & {readonly name: BuildOption})[] = buildOptionTable;

/** A build option: `debug`. */
export type BuildOption = (typeof buildOptionTable)[number]['name'];

/** The build options of one distribution, each once, in the table's order. */
export type BuildOptions = readonly BuildOption[];

/** Every build option, in the order in which option strings name them. */
export const buildOptions: BuildOptions = entries.map(({name}) => name);

/** Reads an option string such as `freethreaded+pgo+lto`; its parts may stand in any order. */
export function parseBuildOptions(text: string): Result<BuildOptions> {
  const words = text.split('+');
  const unknown = words.find((word) => !entries.some(({name}) => name === word));
  if (unknown !== undefined) {
    return refuse(
      `unknown build option "${unknown}". Wanted some of ${buildOptions.join(', ')}, joined by "+": noopt, pgo+lto`,
    );
  }
  const repeated = words.find((word, index) => words.indexOf(word) < index);
  if (repeated !== undefined) return refuse(`"${text}" names ${repeated} twice`);
  const chosen = entries.filter(({name}) => words.includes(name));
  const levels = chosen.filter(({level}) => level !== undefined);
  const alone = levels.find(({level}) => level === 'alone');
  const other = levels.find((entry) => entry !== alone);
  if (alone !== undefined && other !== undefined) {
    return refuse(`"${text}": ${alone.name} and ${other.name} exclude each other`);
  }
  if (levels.length === 0) {
    const offered = entries.filter(({level}) => level !== undefined).map(({name}) => name);
    return refuse(
      `"${text}" does not say how the code is optimized: add one of ${offered.join(', ')}`,
    );
  }
  return success(chosen.map(({name}) => name));
}

function refuse(message: string): Result<never> {
  return failure([{file: '--options', message}]);
}

/** The option string, as it stands in file names and PYTHON.json: `freethreaded+pgo+lto`. */
export function printBuildOptions(options: BuildOptions): string {
  return options.join('+');
}

/** `sys.abiflags` of these options: `t`, `d`, `td` or nothing. */
export function abiFlagsOf(options: BuildOptions): string {
  return entriesOf(options)
    .map(({abiFlag = ''}) => abiFlag)
    .join('');
}

/** What PYTHON.json calls `optimizations`: the option string without `freethreaded`. */
export function optimizationsOf(options: BuildOptions): string {
  return printBuildOptions(options.filter((option) => option !== 'freethreaded'));
}

/** The options among these that no recipe can build yet. */
export function unbuildableOptions(options: BuildOptions): BuildOptions {
  return entriesOf(options).flatMap(({name, isBuildable}) => (isBuildable ? [] : [name]));
}

/** Whether installers get archives of a distribution with these options. */
export function hasInstallOnly(options: BuildOptions): boolean {
  return entriesOf(options).every((entry) => entry.hasInstallOnly);
}

function entriesOf(options: BuildOptions): typeof entries {
  return entries.filter(({name}) => options.includes(name));
}

/** `3.14` of `3.14.7`: what an upgrade of CPython leaves as it is. */
export function seriesOf(python: string): string {
  return python.split('.').slice(0, 2).join('.');
}

/**
 * Names a variant, or a part of what makes one: `3.14-x86_64-unknown-linux-gnu.2.17-noopt`. Python stands by its line,
 * so that the name outlives upgrades; the floor behind the triple, as zig writes it; Debian's toolchain and upstream's
 * sources go without saying. Parts that are absent are left out. Two variants of one project have two names.
 */
export function variantName(parts: Partial<Variant>): string {
  const {python, target, glibcFloor, options, toolchain, sourceSet} = parts;
  return [
    ...(python === undefined ? [] : [seriesOf(python)]),
    ...(target === undefined
      ? []
      : [[target.triple, ...(glibcFloor === undefined ? [] : [glibcFloor])].join('.')]),
    ...(options === undefined ? [] : [printBuildOptions(options)]),
    ...(toolchain === undefined || toolchain === 'debian' ? [] : [toolchain]),
    ...(sourceSet === 'debian' ? ['debian-sources'] : []),
  ].join('-');
}

/** A variant as JSON has it: its options are one string. */
export function variantAsJson({options, ...rest}: Variant): object {
  const {python, target, sourceSet, toolchain, glibcFloor} = rest;
  return {
    ...{python, target: target.triple, sourceSet, options: printBuildOptions(options), toolchain},
    ...(glibcFloor === undefined ? {} : {glibcFloor}),
  };
}
