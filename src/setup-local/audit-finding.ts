import type {AuditedField, DefinitionPlace} from './module-definition.js';

/** Something in which a module differs from upstream's own build, and that no entry explains. */
export interface AuditFinding {
  readonly module: string;
  /** `presence`: one of the builds does not have the module. */
  readonly field: AuditedField | 'presence';
  /** What upstream's build has; sources are relative to `Modules/`. */
  readonly upstream: readonly string[];
  readonly ours: readonly string[];
  readonly onlyUpstream: readonly string[];
  readonly onlyOurs: readonly string[];
  /** What is wrong, and what to do. */
  readonly message: string;
  /** The module's entry; absent when it has none. */
  readonly place?: DefinitionPlace;
}

/** A difference that is meant. */
export interface ExplainedDifference {
  readonly module: string;
  readonly field: AuditedField | 'presence';
  readonly reason: string;
}
