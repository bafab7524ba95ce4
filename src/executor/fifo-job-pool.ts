import {constants} from 'node:fs';
import {open, type FileHandle} from 'node:fs/promises';
import type {JobPool} from './executor.js';

const slot = Buffer.from('+');

/**
 * Job slots as bytes in a named pipe: GNU make's jobserver protocol (make 4.4, `--jobserver-auth=fifo:`), so that every
 * make in every sandbox and this scheduler share the same slots.
 */
export class FifoJobPool implements JobPool, AsyncDisposable {
  private waiters: ((release: () => void) => void)[] = [];
  private isReading = false;
  private isClosed = false;

  private constructor(
    /** Host path of the named pipe. */
    readonly path: string,
    readonly size: number,
    private readonly pipe: FileHandle,
  ) {}

  /** Fills the named pipe at `fifoPath`, which must exist, with `size` slots. */
  static async open(fifoPath: string, size: number): Promise<FifoJobPool> {
    // Opened for reading and writing, so that opening does not block and the slots survive when no make has it open.
    const pipe = await open(fifoPath, constants.O_RDWR);
    await pipe.write(Buffer.alloc(size, slot));
    return new FifoJobPool(fifoPath, size, pipe);
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
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, {once: true});
      this.waiters.push(waiter);
      void this.pump();
    });
  }

  /** One blocking read at a time, so that the kernel alternates between this process and the makes. */
  private async pump(): Promise<void> {
    if (this.isReading) return;
    this.isReading = true;
    while (this.waiters.length > 0 && !this.isClosed) {
      await this.pipe.read(Buffer.alloc(1), 0, 1, null);
      const waiter = this.waiters.shift();
      if (waiter === undefined) await this.pipe.write(slot);
      else waiter(() => void this.giveBack());
    }
    this.isReading = false;
  }

  private async giveBack(): Promise<void> {
    if (!this.isClosed) await this.pipe.write(slot);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    // Wakes a waiting read; closing the handle would wait for it.
    await this.pipe.write(slot);
    await this.pipe.close();
  }
}
