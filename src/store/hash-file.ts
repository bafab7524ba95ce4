import {createHash} from 'node:crypto';
import {closeSync, openSync, readSync} from 'node:fs';
import {setImmediate} from 'node:timers/promises';
import type {Sha256} from '../core/digest.js';

/** Yields to the event loop this often, so that output, signals and locks are still handled. */
const sliceMs = 25;

/** Divides long work into slices of time. */
export class Slices {
  private start = performance.now();

  /** @param signal stops the work between two slices, by throwing its reason. */
  constructor(private readonly signal?: AbortSignal) {}

  /** Whether it is time for `rest`. */
  get isOver(): boolean {
    return performance.now() - this.start > sliceMs;
  }

  async rest(): Promise<void> {
    this.signal?.throwIfAborted();
    await setImmediate();
    this.signal?.throwIfAborted();
    this.start = performance.now();
  }
}

const buffer = Buffer.allocUnsafe(1 << 18);

/**
 * sha256 of a file, hex. The reads are synchronous: for the many small files of an artifact, promises cost more than the
 * reads.
 */
export async function hashFile(absolute: string, slices: Slices): Promise<Sha256> {
  const hash = createHash('sha256');
  const descriptor = openSync(absolute, 'r');
  try {
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      if (length === 0) return hash.digest('hex') as Sha256;
      hash.update(buffer.subarray(0, length));
      if (slices.isOver) await slices.rest();
    }
  } finally {
    closeSync(descriptor);
  }
}
