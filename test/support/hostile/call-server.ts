import {fork, type ChildProcess} from 'node:child_process';
import type {Measured} from './measured.js';

/** Calls a program that serves calls (`serve-calls.mjs`): one process for all of them, where each had one of its own. */
export class CallServer implements AsyncDisposable {
  private child: ChildProcess | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly script: string,
    private readonly environment: NodeJS.ProcessEnv = {},
  ) {}

  /** Makes one call after those before it. A defect that ends the process gives no code and infinite memory. */
  run(argv: readonly string[]): Promise<Measured> {
    const running = this.last.then(() => this.runNow(argv));
    this.last = running;
    return running;
  }

  private runNow(argv: readonly string[]): Promise<Measured> {
    const child = (this.child ??= this.start());
    return new Promise((resolve) => {
      let stderr = '';
      const listen = (text: string): void => void (stderr += text);
      child.stderr?.on('data', listen);
      const onExit = (): void => {
        this.child = undefined;
        resolve({code: undefined, stdout: '', stderr, peakMebibytes: Infinity});
      };
      child.once('exit', onExit);
      child.once('message', (message) => {
        const {peakKibibytes, ...rest} = message as Omit<Measured, 'peakMebibytes'> & {
          readonly peakKibibytes: number;
        };
        child.off('exit', onExit);
        child.stderr?.off('data', listen);
        resolve({...rest, peakMebibytes: peakKibibytes / 1024});
      });
      child.send({argv});
    });
  }

  private start(): ChildProcess {
    const child = fork(this.script, {env: {...process.env, ...this.environment}, silent: true});
    child.stderr?.setEncoding('utf8');
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const {child} = this;
    if (child === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.disconnect();
    await ended;
  }
}
