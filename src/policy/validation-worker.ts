import {parentPort, workerData} from 'node:worker_threads';
import {ArchiveError} from '../archive/archive-error.js';
import {validateArchive, type ValidationJob} from './validate-archive.js';
import type {ValidationReply} from './validation-thread.js';

// Anything but an archive that cannot be read is a defect: it ends the thread and is thrown where it was started.
const reply = await validateArchive(workerData as ValidationJob).then(
  (report): ValidationReply => ({kind: 'report', report}),
  (error: unknown): ValidationReply => {
    if (!(error instanceof ArchiveError)) throw error;
    const problem = error.message.slice(`${error.archive}: `.length);
    return {kind: 'unreadable', archive: error.archive, problem};
  },
);
parentPort?.postMessage(reply);
