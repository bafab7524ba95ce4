import type {JobPool} from './executor.js';

/** Job slots for work inside this process. */
export class MemoryJobPool implements JobPool {
  private free: number;
  private waiters: (() => void)[] = [];

  constructor(readonly size: number) {
    this.free = size;
  }

  async acquire(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.free === 0) await this.waitForSlot(signal);
    else this.free -= 1;
    return () => {
      const next = this.waiters.shift();
      if (next === undefined) this.free += 1;
      else next();
    };
  }

  private waitForSlot(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, {once: true});
      this.waiters.push(waiter);
    });
  }
}
