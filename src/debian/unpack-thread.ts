import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import {Worker} from 'node:worker_threads';
import {DebError} from './deb-error.js';
import type {DebExtraction, ExtractionReport} from './extract-deb.js';
import type {UnpackReply} from './unpack-worker.js';

/** A thread that unpacks one package after the other: decompressing is what an image's time goes into. */
export class UnpackThread {
  /** Absolute host path of the compiled worker; not there when running from TypeScript sources. */
  static readonly script = fileURLToPath(new URL('./unpack-worker.js', import.meta.url));

  private readonly worker = new Worker(UnpackThread.script, {
    // A worker's heap would otherwise grow with the machine's memory before it is collected.
    resourceLimits: {maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128},
  });

  /** `signal` ends the thread, and the package it works on, with the signal's reason. */
  constructor(private readonly signal: AbortSignal) {}

  /** Unpacks one package. Give it the next one only when this has ended. */
  async extract(extraction: DebExtraction): Promise<ExtractionReport> {
    this.worker.postMessage(extraction);
    // `once` also rejects when the worker dies of an error of its own.
    const [message] = (await once(this.worker, 'message', {signal: this.signal})) as [UnpackReply];
    if (message.ok) return message.report;
    throw new DebError(message.message);
  }

  /** Ends the thread. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker.terminate();
  }
}
