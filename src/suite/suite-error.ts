import {BuildError} from '../core/errors.js';

/** CPython's suite could not be run to its end. Tests that fail are no error of this kind. */
export class SuiteError extends BuildError {
  override readonly name = 'SuiteError';
  readonly code = 'E_SUITE';
}
