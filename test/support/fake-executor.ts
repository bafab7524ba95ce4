import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Execution, ExecutionLimits, Executor, Exit} from '../../src/executor/executor.js';
import {MemoryJobPool} from '../../src/executor/memory-job-pool.js';

/** What a fake execution does: its text becomes the artifact's only file, or it ends in another way. */
export type Behaviour = (script: string, workspacePath: string) => Promise<string | Exit>;

/** Counts executions and runs none: for tests of who is run, when, and how often. */
export class FakeExecutor implements Executor {
  readonly jobs: MemoryJobPool;
  /** The scripts that were run, in the order of their starts. */
  readonly started: string[] = [];
  /** The largest number of executions that ran at the same time. */
  mostAtOnce = 0;
  private running = 0;

  constructor(
    private readonly behaviour: Behaviour = (script) => Promise.resolve(script),
    jobs = 2,
  ) {
    this.jobs = new MemoryJobPool(jobs);
  }

  async run(
    execution: Execution,
    workspacePath: string,
    _limits: ExecutionLimits,
    onOutput: (chunk: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<Exit> {
    const script = execution.argv.at(-1) ?? '';
    this.started.push(script);
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    try {
      onOutput(Buffer.from(`running ${script}\n`));
      const result = await this.behaviour(script, workspacePath);
      if (signal.aborted) return {kind: 'cancelled'};
      if (typeof result !== 'string') return result;
      await mkdir(path.join(workspacePath, 'out'));
      await writeFile(path.join(workspacePath, 'out', 'result'), result);
      return {kind: 'exited', code: 0};
    } finally {
      this.running -= 1;
    }
  }

  attach(): Promise<Exit> {
    return Promise.reject(new Error('nobody sits at this executor'));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
