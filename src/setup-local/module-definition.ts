import type {Diagnostic} from '../core/errors.js';
import type {Condition} from '../data/condition.js';

/** How a module is linked: part of the core objects, linked in, loaded from a file, or not built. */
export type Linkage = 'core' | 'static' | 'shared' | 'disabled';

/** Every linkage, in the order in which messages list them. */
export const linkages: readonly Linkage[] = ['static', 'shared', 'core', 'disabled'];

/**
 * Where CPython's source defines a module: the table in `config.c.in`, a line of `Setup.bootstrap.in` or of
 * `Setup.stdlib.in`, or only `Setup` (there, all lines of 3.12 and newer are commented out).
 */
export type Origin = 'config.c' | 'bootstrap' | 'stdlib' | 'setup';

/** Every origin, in the order in which messages list them. */
export const origins: readonly Origin[] = ['stdlib', 'bootstrap', 'setup', 'config.c'];

/** Names to link from one provider. */
export interface LibraryGroup {
  /** The recipe that provides them; `undefined` for the C library (`m`, `rt`, `dl`). */
  readonly dependency: string | undefined;
  /** What follows `-l`. Empty when only headers are used. */
  readonly links: readonly string[];
}

/** The fields of a module that an audit compares, in the order of its report. */
export const auditedFields = ['sources', 'defines', 'includes', 'libraries'] as const;

/** One of these fields. */
export type AuditedField = (typeof auditedFields)[number];

/** An intended difference from upstream's own build. */
export interface IntendedDifference {
  /** What only upstream has. */
  readonly upstream: readonly string[];
  /** What only our build has. */
  readonly ours: readonly string[];
  readonly reason: string;
}

/** The properties of a module under one condition. */
export interface ModuleVariant {
  readonly when: Condition;
  readonly origin: Origin;
  readonly linkage: Linkage;
  /** C files relative to `Modules/`, equal to upstream's; `undefined` for those of upstream's line. */
  readonly sources: readonly string[] | undefined;
  /** Archives of the source tree itself, relative to the build directory, that are linked with the module. */
  readonly archives: readonly string[];
  /** `NAME` or `NAME=value`, added to what configure found. */
  readonly defines: readonly string[];
  /** Directories relative to the source root, added to what configure found. */
  readonly includes: readonly string[];
  readonly libraries: readonly LibraryGroup[];
  /** The interpreter does not link or start without it. */
  readonly required: boolean;
  /** `undefined` for `PyInit_<name>`; `null` if it has none. */
  readonly initFunction: string | null | undefined;
  /** Why it is disabled; `undefined` for every other linkage. */
  readonly reason: string | undefined;
  /** Intended differences from upstream's own build. Used by the audit only, not part of any key. */
  readonly differs: Readonly<Partial<Record<AuditedField, IntendedDifference>>>;
}

/** Where a definition stands. */
export type DefinitionPlace = Omit<Diagnostic, 'message'>;

/** One extension module with its properties per condition. Without a matching variant, the module does not exist. */
export interface ModuleDefinition {
  readonly name: string;
  readonly variants: readonly ModuleVariant[];
  /** Where it is written; `static-modules` alone in the parameters of a stage, which have no positions. */
  readonly place: DefinitionPlace;
}

/** The key of `libraries` for what the C library itself provides. */
export const systemProvider = 'system';
