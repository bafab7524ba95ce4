import {BuildError} from '../core/errors.js';

/** What was asked for is not in the store: a log, an artifact, a source, the record of a build. */
export class NotInStoreError extends BuildError {
  override readonly name = 'NotInStoreError';
  readonly code = 'E_NOT_IN_STORE';
}
