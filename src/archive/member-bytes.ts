import {randomBytes} from 'node:crypto';
import {closeSync, openSync, readSync, unlinkSync, writeSync} from 'node:fs';
import path from 'node:path';
import type {ElfBytes} from '../elf/elf-bytes.js';

/** Bytes of a file, in memory or not, that are also read from one end to the other. */
export interface FileBytes extends ElfBytes {
  /** A range that is valid only until the next call: no memory is taken for each. */
  readonly window: (offset: number, length: number) => Buffer;
}

/** Bytes of a file that may lie on the disk until they are disposed of. */
export interface HeldBytes extends FileBytes, Disposable {}

/** Larger files go through a scratch file: libpython has 80 MB with its debug information. */
const inMemoryBytes = 1 << 20;

/** Bytes that are in memory. */
export function fileBytesOf(bytes: Buffer): FileBytes {
  return {
    sizeBytes: bytes.length,
    slice: (offset, length) => bytes.subarray(offset, offset + length),
    window: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/**
 * A member's content for random access, small ones in memory, others in a file without a name below `scratchPath`, an
 * existing folder.
 */
export async function holdBytes(
  chunks: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  scratchPath: string,
): Promise<HeldBytes> {
  if (sizeBytes <= inMemoryBytes) {
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    return {...fileBytesOf(Buffer.concat(parts)), [Symbol.dispose]: () => undefined};
  }
  const scratch = path.join(scratchPath, `ampoule-member-${randomBytes(8).toString('hex')}`);
  const descriptor = openSync(scratch, 'wx+', 0o600);
  try {
    unlinkSync(scratch);
    for await (const chunk of chunks) {
      for (let done = 0; done < chunk.length;) done += writeSync(descriptor, chunk, done);
    }
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return bytesOfDescriptor(descriptor, sizeBytes);
}

/** The bytes of an open file, which is closed when they are disposed of. */
export function bytesOfDescriptor(descriptor: number, sizeBytes: number): HeldBytes {
  let shared = Buffer.alloc(0);
  return {
    sizeBytes,
    slice: (offset, length) => {
      const buffer = Buffer.allocUnsafe(length);
      return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
    },
    window: (offset, length) => {
      if (shared.length < length) shared = Buffer.allocUnsafe(length);
      return shared.subarray(0, readSync(descriptor, shared, 0, length, offset));
    },
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
