/** `error`: the archive must not be published. `warning`: needs attention. */
export type Severity = 'error' | 'warning';

/** A place where an archive breaks a rule. */
export interface Finding {
  /** The id of the rule. */
  readonly rule: string;
  readonly severity: Severity;
  /**
   * Member of the archive, `python/build/lib/libz.a(inflate.o)` for a part of one; the archive's name if it concerns
   * the whole.
   */
  readonly path: string;
  /** What was expected and what was found. */
  readonly message: string;
}
