import {BuildError} from '../core/errors.js';
import {printable} from '../core/printable.js';

/** A .deb file, alone or together with others, cannot be unpacked although its bytes are the pinned ones. */
export class DebError extends BuildError {
  override readonly name = 'DebError';
  readonly code = 'E_DEB';

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}
