import {ArchiveError} from '../archive/archive-error.js';
import {InputError, SystemFailureError, asBuildError} from '../core/errors.js';

/**
 * The result of reading a user's archive. An archive that cannot be read is invalid input: exit code 1 of these commands is
 * an answer about an archive that was read.
 */
export async function archiveErrorsAsInput<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    const told = asBuildError(error, 'Reading the archive');
    if (told instanceof ArchiveError || told instanceof SystemFailureError) {
      throw new InputError([told.message]);
    }
    throw told;
  }
}
