import {ArchiveError} from '../archive/archive-error.js';
import {InputError} from '../core/errors.js';

/** The result of reading a user's archive. An unreadable archive is invalid input. */
export async function archiveErrorsAsInput<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ArchiveError) throw new InputError([error.message]);
    throw error;
  }
}
