import {closeSync, openSync, readSync} from 'node:fs';
import path from 'node:path';
import {DebError} from './deb-error.js';

const chunkBytes = 1 << 18;

/** Streams a part of a file, to its end if no length is given. */
export function* fileChunks(
  hostPath: string,
  offset = 0,
  sizeBytes = Infinity,
): Generator<Uint8Array> {
  const descriptor = openSync(hostPath, 'r');
  try {
    const end = offset + sizeBytes;
    for (let position = offset; position < end;) {
      // Decompressors may keep their input, so each chunk has memory of its own.
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, end - position));
      const bytesRead = readSync(descriptor, buffer, 0, buffer.length, position);
      if (bytesRead === 0) {
        if (sizeBytes === Infinity) return;
        throw new DebError(`${path.basename(hostPath)} became shorter while it was read.`);
      }
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    closeSync(descriptor);
  }
}
