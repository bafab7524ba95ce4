import {parentPort, workerData} from 'node:worker_threads';
import {ArchiveError} from '../archive/archive-error.js';
import {validateArchive, type ValidationJob} from './validate-archive.js';
import type {ValidationReply} from './validation-thread.js';

// Any error except an unreadable archive is a defect: it ends the thread and is rethrown by the caller.
const reply = await validateArchive(workerData as ValidationJob).then(
  (report): ValidationReply => ({kind: 'report', report}),
  (error: unknown): ValidationReply => {
    if (!(error instanceof ArchiveError)) throw error;
    const problem = error.message.slice(`${error.archive}: `.length);
    return {kind: 'unreadable', archive: error.archive, problem};
  },
);
parentPort?.postMessage(reply);
