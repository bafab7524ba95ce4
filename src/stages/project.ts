import type {Sha256} from '../core/digest.js';
import type {Target} from '../core/target.js';
import type {Variant} from '../core/variant.js';
import type {ImageDefinition} from '../debian/image-definition.js';
import type {ImageLock} from '../debian/image-lock.js';
import type {ProfileRecord} from '../profile/profile-record.js';
import type {PatchSections} from '../recipe/patch-sections.js';
import type {Recipe} from '../recipe/recipe.js';
import type {ModuleDefinition} from '../setup-local/module-definition.js';
import type {StageNames} from './names.js';

/** A recipe with the files beside it. */
export interface RecipeFolder {
  readonly recipe: Recipe;
  /** By path below the recipe's folder: scripts and other files. */
  readonly files: Readonly<Record<string, string>>;
  /** By file name. */
  readonly patches: ReadonlyMap<string, PatchSections>;
}

/** An image with its packages. */
export interface Image {
  readonly definition: ImageDefinition;
  readonly lock: ImageLock;
}

/** A profile that is an input of builds, like a source. */
export interface FrozenProfile {
  readonly record: ProfileRecord;
  /** The compressed file on this machine, absolute. */
  readonly hostPath: string;
}

/** What adds to the project's folder or changes it: a folder of the same form. */
export interface Overlay {
  /** Part of the names of archives. */
  readonly name: string;
  readonly description?: string;
  /** The digest of the names and bytes of its files. */
  readonly sha256: Sha256;
  /** The extension modules that it defines, by code unit. */
  readonly modules: readonly string[];
}

/** A developer's own tree of CPython on this machine. */
export interface PythonTree {
  /** Absolute, without links. */
  readonly folder: string;
  /** As its `Include/patchlevel.h` has it: `3.16.0a2`. */
  readonly version: string;
  /** The version whose conditions and patches apply: its own if a recipe has its series, else that of the nearest one. */
  readonly likePython: string;
  /** What is to be told of a version that no recipe has. */
  readonly notice?: string;
}

/** A user's program by which a profile is trained, beside the training of the recipe. */
export interface ProfileTask {
  /** Its file name. */
  readonly name: string;
  readonly text: string;
  readonly sha256: Sha256;
  /** How often its counts are added. */
  readonly weight: number;
}

/** The content of the project's data folders, read and checked. */
export interface Project {
  /** What was laid over its folder, in order. */
  readonly overlays: readonly Overlay[];
  /** By triple. */
  readonly targets: ReadonlyMap<string, Target>;
  readonly images: ReadonlyMap<string, Image>;
  /** By recipe name: `zlib`, `cpython`. */
  readonly recipes: ReadonlyMap<string, RecipeFolder>;
  /** The shared scripts of the toolchain's recipes, by file name. */
  readonly toolchainScripts: Readonly<Record<string, string>>;
  readonly moduleDefinitions: readonly ModuleDefinition[];
  /** By place: `profiles/3.14/x86_64-unknown-linux-gnu/pgo`. */
  readonly profiles: ReadonlyMap<string, FrozenProfile>;
  /** A developer's own tree of CPython, which takes the place of the pinned sources. */
  readonly pythonTree?: PythonTree;
  /** What profiles are trained by, beside the training of the recipe. */
  readonly profileTasks?: readonly ProfileTask[];
  /** Licence texts that no source contains, by path below `licenses/`. */
  readonly licenseTexts: Readonly<Record<string, string>>;
}

/** The inputs of one interpreter's stages. */
export interface InterpreterInputs<Parts = Variant> {
  /** The recipe of CPython with the pins of this version. */
  readonly folder: RecipeFolder;
  readonly project: Project;
  readonly names: StageNames;
  readonly context: Parts;
  /** Names of the recipes that are linked in, in mount order. */
  readonly dependencies: readonly string[];
}
