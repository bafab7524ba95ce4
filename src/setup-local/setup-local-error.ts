import type {Diagnostic} from '../core/errors.js';
import {BuildError, formatDiagnostic} from '../core/errors.js';

/** `Setup.local` cannot be made: our module data and CPython's source differ, or one of them is unreadable. */
export class SetupLocalError extends BuildError {
  override readonly name = 'SetupLocalError';
  readonly code = 'E_SETUP_LOCAL';

  constructor(
    readonly diagnostics: readonly Diagnostic[],
    options?: ErrorOptions,
  ) {
    super(
      [
        'Setup.local cannot be made:',
        ...diagnostics.map((diagnostic) => `  ${formatDiagnostic(diagnostic)}`),
        'The entries below static-modules/ say what each extension module is; see CONTRIBUTING.md, "How to add an extension module".',
      ].join('\n'),
      options,
    );
  }
}
