import type {AuditedField, DefinitionPlace} from './module-definition.js';

/** An unexplained difference between a module and upstream's own build. */
export interface AuditFinding {
  readonly module: string;
  /** `presence`: one of the builds lacks the module. */
  readonly field: AuditedField | 'presence';
  /** What upstream's build has; sources are relative to `Modules/`. */
  readonly upstream: readonly string[];
  readonly ours: readonly string[];
  readonly onlyUpstream: readonly string[];
  readonly onlyOurs: readonly string[];
  /** What is wrong, and what to do. */
  readonly message: string;
  /** The module's entry, if any. */
  readonly place?: DefinitionPlace;
}

/** An intended difference. */
export interface ExplainedDifference {
  readonly module: string;
  readonly field: AuditedField | 'presence';
  readonly reason: string;
}
