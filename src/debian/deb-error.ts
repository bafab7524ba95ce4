import {BuildError} from '../core/errors.js';
import {printable} from '../core/printable.js';

/** A .deb file, or its combination with others, cannot be unpacked. Its bytes are the pinned ones. */
export class DebError extends BuildError {
  override readonly name = 'DebError';
  readonly code = 'E_DEB';

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}
