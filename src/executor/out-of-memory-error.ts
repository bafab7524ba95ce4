import {BuildError} from '../core/errors.js';

/** The kernel killed a process of the sandbox because memory ran out. */
export class OutOfMemoryError extends BuildError {
  override readonly name = 'OutOfMemoryError';
  readonly code = 'E_OUT_OF_MEMORY';

  constructor(readonly limitBytes: number | undefined) {
    const limit =
      limitBytes === undefined
        ? 'there was no limit: its machine has no more'
        : `the limit was ${limitBytes} bytes`;
    super(
      `The stage ran out of memory and was killed: ${limit}\n` +
        `Next: ${limitBytes === undefined ? '' : 'a larger --memory, or '}fewer jobs with --jobs`,
    );
  }
}
