import {InternalError} from '../core/errors.js';
import type {JobPool} from './executor.js';
import {JobPipe} from './job-pipe.js';

/** Often enough that a slot which one stage does not use soon reaches another. */
const countingMs = 50;
/** A stage may have no use for the slot that the one with the most must give up, so this is done now and then. */
const countingsBetween = 8;
const mostPipes = 64;

/** The names of the pipes that `size` jobs need: one for each stage that may run at once. */
export function pipeNames(size: number): readonly [string, ...string[]] {
  const others = Array.from(
    {length: Math.min(size, mostPipes) - 1},
    (_, index) => `jobs-${index + 1}`,
  );
  return ['jobs-0', ...others];
}

/** The pipe of a stage that runs. Disposing it takes all slots of the stage back. */
export interface LentPipe extends Disposable {
  /** Host path of the named pipe. */
  readonly path: string;
}

/**
 * Job slots in GNU make's jobserver protocol (make 4.4, `--jobserver-auth=fifo:`). Each running stage has a named pipe
 * of its own, and slots that it does not use are moved to those that do. The pool knows how many slots each stage has:
 * those that a stage loses, keeps or invents neither reach nor hinder another, and end with it.
 */
export class FifoJobPool implements JobPool, Disposable {
  private readonly lent = new Set<JobPipe>();
  private readonly unused: string[];
  private waiters: ((release: () => void) => void)[] = [];
  /** Slots that neither a caller of `acquire` nor a stage has. */
  private spare: number;
  private held = 0;
  private countingsUntilFair = 0;
  private readonly mostHeld: number;
  private timer: NodeJS.Timeout | undefined;

  /** @param pipePaths host paths of named pipes, one for each of `pipeNames`. */
  constructor(
    pipePaths: readonly string[],
    readonly size: number,
  ) {
    this.unused = [...pipePaths];
    this.mostHeld = pipePaths.length;
    this.spare = size;
  }

  acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const waiter = (release: () => void): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(release);
      };
      const onAbort = (): void => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        this.share();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, {once: true});
      this.waiters.push(waiter);
      this.count();
    });
  }

  /** The pipe for a stage, whose caller has acquired a slot. */
  lend(): LentPipe {
    const path = this.unused.pop();
    if (path === undefined) throw new InternalError('more stages run than there are job slots');
    const pipe = new JobPipe(path, (slots) => {
      this.spare += slots;
      this.countingsUntilFair = countingsBetween;
      this.share();
    });
    this.lent.add(pipe);
    this.timer ??= setInterval(() => {
      this.countingsUntilFair -= 1;
      this.count();
    }, countingMs).unref();
    this.count();
    return {
      path,
      [Symbol.dispose]: () => {
        // Closed together with the pool.
        if (!this.lent.delete(pipe)) return;
        this.spare += pipe.given;
        pipe[Symbol.dispose]();
        this.unused.push(path);
        if (this.lent.size === 0) this.stop();
        this.count();
      },
    };
  }

  [Symbol.dispose](): void {
    this.stop();
    for (const pipe of this.lent) pipe[Symbol.dispose]();
    this.lent.clear();
  }

  /** Takes unused slots out of all pipes and shares them anew. */
  private count(): void {
    for (const pipe of this.lent) this.spare += pipe.take();
    this.share();
  }

  private share(): void {
    while (this.isWaitedFor() && this.spare > 0) {
      this.spare -= 1;
      this.held += 1;
      this.waiters.shift()?.(() => this.giveBack());
    }
    // Stages that left slots unused come last.
    const stages = [...this.lent].toSorted(
      (a, b) => Number(b.isEmpty) - Number(a.isEmpty) || a.given - b.given,
    );
    const users = stages.filter(({isEmpty}) => isEmpty);
    this.spread(stages, 1);
    this.spread(users.length > 0 ? users : stages, this.size);
    this.watch();
  }

  /** Gives each of these stages at most `most` slots, in turns. */
  private spread(stages: readonly JobPipe[], most: number): void {
    for (let turn = 0; turn < most && this.spare > 0; turn += 1) {
      const before = this.spare;
      for (const pipe of stages) {
        if (this.spare > 0) this.spare -= pipe.give(1);
      }
      if (this.spare === before) return;
    }
  }

  /** A make takes a slot again as soon as it has given it back, so counting alone would not find it. */
  private watch(): void {
    const stages = [...this.lent].toSorted((a, b) => a.given - b.given);
    const [poorest] = stages;
    const richest = stages.at(-1);
    const isUnfair =
      this.countingsUntilFair <= 0 &&
      poorest?.isEmpty === true &&
      richest !== undefined &&
      richest.given > poorest.given + 1;
    for (const pipe of stages) {
      if (this.isWaitedFor() || (isUnfair && pipe === richest)) pipe.watch();
      else pipe.unwatch();
    }
  }

  /** Each stage that holds a slot needs a pipe. */
  private isWaitedFor(): boolean {
    return this.waiters.length > 0 && this.held < this.mostHeld;
  }

  private giveBack(): void {
    this.held -= 1;
    this.spare += 1;
    this.count();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
