import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';
import {ArchiveError} from '../archive/archive-error.js';
import type {ValidationJob, ValidationReport} from './validate-archive.js';

/** The result from the thread. `problem`: why the archive cannot be read. */
export type ValidationReply =
  | {readonly kind: 'report'; readonly report: ValidationReport}
  | {readonly kind: 'unreadable'; readonly archive: string; readonly problem: string};

/** Absolute host path of the compiled worker; does not exist when running from TypeScript sources. */
export const validationThreadScript = fileURLToPath(
  new URL('./validation-worker.js', import.meta.url),
);

/**
 * Checks an archive in a thread of its own. `signal` stops it with the signal's reason.
 * @throws ArchiveError
 */
export async function validateInThread(
  job: ValidationJob,
  signal: AbortSignal,
): Promise<ValidationReport> {
  const worker = new Worker(validationThreadScript, {
    workerData: job,
    // Without a limit, a worker's heap grows with the memory of the machine before it is collected.
    resourceLimits: {maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128},
  });
  try {
    // `once` also rejects if the worker itself fails.
    const [reply] = (await once(worker, 'message', {signal})) as [ValidationReply];
    if (reply.kind === 'report') return reply.report;
    throw new ArchiveError(reply.archive, reply.problem);
  } finally {
    await worker.terminate();
  }
}
