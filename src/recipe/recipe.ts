import type {Sha256} from '../core/digest.js';
import type {SourceSet} from '../core/target.js';
import type {Conditional} from '../data/condition.js';

/** A recipe as written in YAML: sources, build, licence. */
export interface Recipe {
  /** The name of its folder below `recipes/`, of its stage, and of its folder of licence texts. */
  readonly name: string;
  /** The file name for messages. */
  readonly file: string;
  /** The downloads of the version in use. */
  readonly pins: Pins;
  /** The downloads of every version, in the order of the file; most recipes have one. */
  readonly versions: readonly Pins[];
  readonly license: License;
  /** Names of the recipes whose artifacts make up `/deps`. */
  readonly depends: readonly Conditional<string>[];
  /** The static libraries in the artifact: `z` means `lib/libz.a`, which must exist after the build. */
  readonly provides: {readonly static: readonly string[]};
  /** Patch files beside the recipe, in the order they are applied. */
  readonly patches: readonly Conditional<string>[];
  /** `undefined` for recipes whose stage has a script of its own (the toolchain). */
  readonly build: RecipeBuild | undefined;
  /** Shell lines that try the library, in a stage of their own after its build; they fail if it is broken. */
  readonly test: readonly Conditional<string>[];
}

/** The download of each source set; both have the same pin if the bytes are equal. */
export type Pins = Readonly<Record<SourceSet, SourcePin>>;

/** One pinned download of one version. */
export interface SourcePin {
  readonly version: string;
  /** ISO day of the newest file inside the download: the stage's SOURCE_DATE_EPOCH. */
  readonly date: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Full URLs of the same bytes with the same file name. Empty if only Debian has them. */
  readonly urls: readonly string[];
  readonly debian: DebianLocation | undefined;
  /** The folder on this machine that is packed, in place of a download: a developer's own tree. */
  readonly tree?: string;
  /** Why the version cannot be built from Debian's sources; `undefined` if nothing is known to prevent it. */
  readonly notInDebian: string | undefined;
  /** The folder with the source in the unpacked tree, `.` for its top. */
  readonly directory: string;
  /** Whether the pin was not compared with the upstream file: digest and size are from other records. */
  readonly isUnverified: boolean;
}

/** A path below any Debian mirror, and the suite that names it. */
export interface DebianLocation {
  readonly poolPath: string;
  readonly suite: string;
}

/** The licence of what is linked, and its texts. */
export interface License {
  /** An SPDX licence expression. */
  readonly spdx: string;
  /** Files of the source tree. */
  readonly files: readonly Conditional<string>[];
  /** Files below `licenses/<name>/`, for texts that no download contains. */
  readonly texts: readonly Conditional<LicenseText>[];
}

/** A licence text of the repository, byte-identical to upstream's. */
export interface LicenseText {
  readonly file: string;
  readonly sha256: Sha256;
}

/** How the source becomes an installed tree. */
export type RecipeBuild = AutotoolsBuild | ScriptBuild | HookBuild;

/** Configured by an Autoconf (or compatible) script, built and installed by make. */
export interface AutotoolsBuild extends BuildSteps {
  readonly system: 'autotools';
  /** The configure script, relative to `directory`. */
  readonly program: string;
  /** Its arguments after `--build --host --prefix`. */
  readonly configure: readonly Conditional<string>[];
  /** Targets and variables of the first make. Empty: the default target. */
  readonly make: readonly Conditional<string>[];
  /** Targets and variables of the make that installs. */
  readonly install: readonly Conditional<string>[];
}

/** Built by its own shell lines, which install below `/build/staging` with the prefix `/deps`. */
export interface ScriptBuild extends BuildSteps {
  readonly system: 'script';
  readonly configure: readonly Conditional<string>[];
  readonly make: readonly Conditional<string>[];
  readonly install: readonly Conditional<string>[];
}

/**
 * Configured like `autotools`; scripts beside the recipe do everything else. They are sourced in the folder of the
 * source and find their files in `/src`.
 */
export interface HookBuild extends ConfigureSteps {
  readonly system: 'hooks';
  /** Arguments of configure after `--build --host --prefix`. */
  readonly configure: readonly Conditional<string>[];
  /** Scripts that run before configure. */
  readonly prepare: readonly Conditional<string>[];
  readonly make: readonly Conditional<string>[];
  readonly install: readonly Conditional<string>[];
  /** Scripts in place of `make` and `install` that build and install an interpreter which counts what it executes. */
  readonly instrument: readonly Conditional<string>[];
  /** Scripts that run this interpreter, which lies in `/in`, and write its profile to `/out`. */
  readonly train: readonly Conditional<string>[];
  /** Files beside the recipe that the scripts use. */
  readonly files: readonly Conditional<string>[];
}

interface BuildSteps extends ConfigureSteps {
  /** Where configure and make run, relative to the source. */
  readonly directory: string;
  /** Shell lines before configure, run in the source. */
  readonly prepare: readonly Conditional<string>[];
  /** Added to CFLAGS. */
  readonly cflags: readonly Conditional<string>[];
  /** Added to CPPFLAGS and to CFLAGS: includes and defines that configure's preprocessor must see as well. */
  readonly cppflags: readonly Conditional<string>[];
  /** Shell lines after install, run in the staged prefix. */
  readonly tidy: readonly Conditional<string>[];
}

interface ConfigureSteps {
  /** Configure results that the build relies on, checked between configure and make. */
  readonly expect: readonly Conditional<ExpectedAnswer>[];
}

/** One line that configure must have written: `NAME=value`, `NAME = value` or `#define NAME value`. */
export interface ExpectedAnswer {
  /** Relative to the folder where configure ran: `config.log`, `config.h`, `Makefile`. */
  readonly file: string;
  readonly name: string;
  /** `undefined`: the file must not define it. */
  readonly value: string | undefined;
}
