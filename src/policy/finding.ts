/** `error`: the archive must not be published. `warning`: somebody should look. */
export type Severity = 'error' | 'warning';

/** A place where an archive breaks a rule. */
export interface Finding {
  /** The id of the rule. */
  readonly rule: string;
  readonly severity: Severity;
  /** Member of the archive, `python/build/lib/libz.a(inflate.o)` for a part of one; the archive's name when it is about the whole. */
  readonly path: string;
  /** What was wanted and what was got. */
  readonly message: string;
}
