import {BuildError, formatDiagnostic, type Result} from '../core/errors.js';

/** The built tree violates the archive format: a path that PYTHON.json would name is missing, or a link leads out. */
export class DistributionError extends BuildError {
  override readonly name = 'DistributionError';
  readonly code = 'E_DISTRIBUTION';

  /** `problems`: one line each, all at once. */
  constructor(readonly problems: readonly string[]) {
    super(
      ['The distribution cannot be made:', ...problems.map((problem) => `  ${problem}`)].join('\n'),
    );
  }
}

/** What was read of the built tree, or every mistake in it as a `DistributionError`. */
export function readOrThrow<T>(result: Result<T>): T {
  if (!result.ok) throw new DistributionError(result.diagnostics.map(formatDiagnostic));
  return result.value;
}

/** A component is linked into the distribution, but its licence text was not found. */
export class MissingLicenceError extends BuildError {
  override readonly name = 'MissingLicenceError';
  readonly code = 'E_MISSING_LICENCE';

  constructor(
    readonly component: string,
    readonly wanted: string,
  ) {
    super(
      `No licence text for ${component}\n` +
        `  expected ${wanted}\n` +
        `  found nothing\n` +
        `  List the licence files in the recipe of ${component} (\`license: files\`), or put the text into licenses/${component}/.`,
    );
  }
}
