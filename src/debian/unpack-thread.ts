import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';
import {DebError} from './deb-error.js';
import type {DebExtraction, ExtractionReport} from './extract-deb.js';
import type {UnpackReply} from './unpack-worker.js';

/** A thread that unpacks packages one after the other. Decompression dominates the time of an image. */
export class UnpackThread {
  /** Absolute host path of the compiled worker; does not exist when running from TypeScript sources. */
  static readonly script = fileURLToPath(new URL('./unpack-worker.js', import.meta.url));

  private readonly worker = new Worker(UnpackThread.script, {
    // Without a limit, a worker's heap grows with the memory of the machine before it is collected.
    resourceLimits: {maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128},
  });

  /** `signal` stops the thread and its package, with the signal's reason. */
  constructor(private readonly signal: AbortSignal) {}

  /** Unpacks one package. Call it again only after it has finished. */
  async extract(extraction: DebExtraction): Promise<ExtractionReport> {
    this.worker.postMessage(extraction);
    // `once` also rejects if the worker itself fails.
    const [message] = (await once(this.worker, 'message', {signal: this.signal})) as [UnpackReply];
    if (message.ok) return message.report;
    throw new DebError(message.message);
  }

  /** Ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate();
  }
}
