import {closeSync, constants, openSync, readSync, writeSync} from 'node:fs';
import net from 'node:net';

const slot = '+';
const chunk = Buffer.alloc(65_536);
/** A stage may write while this process reads; what is left is read the next time. */
const mostReads = 64;

/**
 * The named pipe of one running stage: slots that its makes can take, one byte each. The stage can write, read and keep
 * whatever it likes, so this process counts, and never waits for the pipe.
 */
export class JobPipe implements Disposable {
  /** How many slots the stage has, in its makes or in the pipe. */
  given = 0;
  /** Whether the pipe was empty when it was last counted. */
  isEmpty = true;
  private readonly descriptor: number;
  private readonly watcher: net.Socket;

  /**
   * @param path a named pipe that no process has open.
   * @param onReturned called while the pipe is watched, after a slot came back.
   */
  constructor(
    readonly path: string,
    onReturned: (slots: number) => void,
  ) {
    // For reading and writing, so that opening does not block and slots stay while no make has it open.
    const flags = constants.O_RDWR | constants.O_NONBLOCK;
    this.descriptor = openSync(path, flags);
    const options: net.SocketConstructorOpts & {onread: net.OnReadOpts} = {
      fd: openSync(path, flags),
      readable: true,
      writable: false,
      onread: {
        buffer: Buffer.alloc(1),
        callback: () => {
          this.watcher.pause();
          onReturned(this.accept(1));
          return true;
        },
      },
    };
    this.watcher = new net.Socket(options);
    this.watcher.on('error', () => undefined).pause();
  }

  /** Empties the pipe. Returns how many of the stage's slots were in it; what the stage invented is dropped. */
  take(): number {
    let found = 0;
    for (let reads = 0; reads < mostReads; reads += 1) {
      const count = this.withoutWaiting(() => readSync(this.descriptor, chunk));
      if (count === 0) break;
      found += count;
    }
    this.isEmpty = found === 0;
    return this.accept(found);
  }

  /** Puts slots into the pipe. Returns how many: fewer if the stage has filled it. */
  give(slots: number): number {
    const count = this.withoutWaiting(() => writeSync(this.descriptor, slot.repeat(slots)));
    this.given += count;
    return count;
  }

  /** Waits for one slot to come back. Like a waiting make, it often wins against the one that gave it back. */
  watch(): void {
    this.watcher.resume();
  }

  /** Ends `watch`. */
  unwatch(): void {
    this.watcher.pause();
  }

  /** What is in the pipe is lost once the stage's processes have ended. */
  [Symbol.dispose](): void {
    closeSync(this.descriptor);
    this.watcher.destroy();
  }

  private accept(found: number): number {
    const accepted = Math.min(found, this.given);
    this.given -= accepted;
    return accepted;
  }

  private withoutWaiting(transfer: () => number): number {
    try {
      return transfer();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }
}
