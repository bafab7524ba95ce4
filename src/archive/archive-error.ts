import {BuildError} from '../core/errors.js';
import {printableLine} from '../core/printable.js';

/** An archive cannot be read: it is not a distribution, is damaged, or exceeds a limit. */
export class ArchiveError extends BuildError {
  override readonly name = 'ArchiveError';
  readonly code = 'E_ARCHIVE';

  constructor(
    readonly archive: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${archive}: ${printableLine(problem)}`, options);
  }
}
