import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';

/** Work that can be done in a thread of its own, whose end gives back all the memory that it took. */
export interface ThreadWork<Job, Reply> {
  /** The compiled worker, which calls `answerJobs` with `run`. It is not there when running from TypeScript sources. */
  readonly script: URL;
  /** Errors lose their class between threads: what a caller is to tell apart belongs into the reply. */
  readonly run: (job: Job) => Promise<Reply>;
  /** What new objects may take before they are collected; a small heap collects more often. */
  readonly youngHeapMb: number;
}

/** Whether there is a compiled worker to start. */
export function hasThread({script}: Pick<ThreadWork<never, unknown>, 'script'>): boolean {
  return existsSync(fileURLToPath(script));
}

/** A thread that does one job after the other; without a compiled worker, the thread that asks does them itself. */
export class Thread<Job, Reply> {
  private readonly worker: Worker | undefined;

  /** `signal` ends the thread, and the job it works on, with the signal's reason. */
  constructor(
    private readonly work: ThreadWork<Job, Reply>,
    private readonly signal?: AbortSignal,
  ) {
    if (!hasThread(work)) return;
    this.worker = new Worker(work.script, {
      // Without a limit, a worker's heap grows with the memory of the machine before it is collected.
      resourceLimits: {
        maxYoungGenerationSizeMb: work.youngHeapMb,
        maxOldGenerationSizeMb: oldHeapMb,
      },
    });
  }

  /** Does a job. Give the next one only when this has ended. */
  async ask(job: Job): Promise<Reply> {
    if (this.worker === undefined) return this.work.run(job);
    this.worker.postMessage(job);
    // `once` also rejects if the worker itself fails.
    const [reply] = (await once(this.worker, 'message', {signal: this.signal})) as [Reply];
    return reply;
  }

  /** Ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker?.terminate();
  }
}

/** More than any of our threads keeps: one that needs more has met something that is not what it claims to be. */
const oldHeapMb = 128;
