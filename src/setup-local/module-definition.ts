import type {Diagnostic} from '../core/errors.js';
import type {Condition} from '../data/condition.js';

/** How a module reaches the interpreter: part of its core objects, linked in, loaded from a file, or not built. */
export type Linkage = 'core' | 'static' | 'shared' | 'disabled';

/** Every linkage, in the order that messages offer them. */
export const linkages: readonly Linkage[] = ['static', 'shared', 'core', 'disabled'];

/**
 * Where CPython's source names a module: the table in `config.c.in`, a line of `Setup.bootstrap.in` or of
 * `Setup.stdlib.in`, or only `Setup` (there, all lines of 3.12 and newer are commented out).
 */
export type Origin = 'config.c' | 'bootstrap' | 'stdlib' | 'setup';

/** Every origin, in the order that messages offer them. */
export const origins: readonly Origin[] = ['stdlib', 'bootstrap', 'setup', 'config.c'];

/** Names to link from one provider. */
export interface LibraryGroup {
  /** The recipe that provides them; `undefined`: the C library's own (`m`, `rt`, `dl`). */
  readonly dependency: string | undefined;
  /** What follows `-l`. Empty when only headers are used. */
  readonly links: readonly string[];
}

/** What an audit compares of a module, in the order in which it tells. */
export const auditedFields = ['sources', 'defines', 'includes', 'libraries'] as const;

/** One of the things that an audit compares. */
export type AuditedField = (typeof auditedFields)[number];

/** A difference from upstream's own build that is meant. */
export interface IntendedDifference {
  /** What only upstream has. */
  readonly upstream: readonly string[];
  /** What only our build has. */
  readonly ours: readonly string[];
  readonly reason: string;
}

/** What holds for a module under one condition. */
export interface ModuleVariant {
  readonly when: Condition;
  readonly origin: Origin;
  readonly linkage: Linkage;
  /** C files relative to `Modules/`, equal to upstream's; `undefined`: whatever upstream's line says. */
  readonly sources: readonly string[] | undefined;
  /** Archives of the source tree itself, relative to the build directory, that are linked with the module. */
  readonly archives: readonly string[];
  /** `NAME` or `NAME=value`, added to what configure found. */
  readonly defines: readonly string[];
  /** Directories relative to the source root, added to what configure found. */
  readonly includes: readonly string[];
  readonly libraries: readonly LibraryGroup[];
  /** The interpreter does not link, or does not start, without it. */
  readonly required: boolean;
  /** `undefined`: `PyInit_<name>`; `null`: it has none, the interpreter makes it by itself. */
  readonly initFunction: string | null | undefined;
  /** Why it is disabled; `undefined` for every other linkage. */
  readonly reason: string | undefined;
  /** Where the module is meant to differ from upstream's own build. Read by the audit alone, part of no key. */
  readonly differs: Readonly<Partial<Record<AuditedField, IntendedDifference>>>;
}

/** Where a definition stands. */
export type DefinitionPlace = Omit<Diagnostic, 'message'>;

/** One extension module: what it is under which condition. A module without a matching variant does not exist there. */
export interface ModuleDefinition {
  readonly name: string;
  readonly variants: readonly ModuleVariant[];
  /** Where it is written; in a stage, which keeps no places, `static-modules` alone. */
  readonly place: DefinitionPlace;
}

/** The key under which `libraries` lists what the C library itself provides. */
export const systemProvider = 'system';
