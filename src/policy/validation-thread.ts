import {ArchiveError} from '../archive/archive-error.js';
import {Thread, type ThreadWork} from '../thread/thread.js';
import type {ValidationJob, ValidationReport} from './validate-archive.js';

/** The result from the thread. `problem`: why the archive cannot be read. */
export type ValidationReply =
  | {readonly kind: 'report'; readonly report: ValidationReport}
  | {readonly kind: 'unreadable'; readonly archive: string; readonly problem: string};

const validating: ThreadWork<ValidationJob, ValidationReply> = {
  script: new URL('./validation-worker.js', import.meta.url),
  run: tryToValidate,
  youngHeapMb: 4,
};

/**
 * Checks an archive in a thread of its own. `signal` stops it with the signal's reason.
 * @throws ArchiveError
 */
export async function validateInThread(
  job: ValidationJob,
  signal: AbortSignal,
): Promise<ValidationReport> {
  await using thread = new Thread(validating, signal);
  const reply = await thread.ask(job);
  if (reply.kind === 'report') return reply.report;
  throw new ArchiveError(reply.archive, reply.problem);
}

/** Checks an archive, or says why it cannot be read. */
export async function tryToValidate(job: ValidationJob): Promise<ValidationReply> {
  const {validateArchive} = await import('./validate-archive.js');
  return validateArchive(job).then(
    (report) => ({kind: 'report', report}),
    (error: unknown) => {
      if (!(error instanceof ArchiveError)) throw error;
      const problem = error.message.slice(`${error.archive}: `.length);
      return {kind: 'unreadable', archive: error.archive, problem};
    },
  );
}
