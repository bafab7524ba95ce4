import {parentPort} from 'node:worker_threads';

/** In a worker: does each job that the thread is asked for. An error of `work` ends the thread and is thrown there. */
export function answerJobs(work: (job: never) => Promise<unknown>): void {
  parentPort?.on('message', (job: unknown) => {
    // The thread that asks has the same type of jobs.
    void work(job as never).then((reply) => parentPort?.postMessage(reply));
  });
}
