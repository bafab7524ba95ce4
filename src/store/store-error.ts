import {BuildError} from '../core/errors.js';

/** The store's folder cannot be used. */
export class StoreError extends BuildError {
  override readonly name = 'StoreError';
  readonly code = 'E_STORE';
}
