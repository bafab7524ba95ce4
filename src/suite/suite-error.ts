import {BuildError} from '../core/errors.js';

/** CPython's suite could not be completed. Failing tests are not an error of this kind. */
export class SuiteError extends BuildError {
  override readonly name = 'SuiteError';
  readonly code = 'E_SUITE';
}
