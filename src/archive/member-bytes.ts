import {randomBytes} from 'node:crypto';
import {closeSync, openSync, readSync, unlinkSync, writeSync} from 'node:fs';
import path from 'node:path';
import type {ElfBytes} from '../elf/elf-bytes.js';

/** Random access to the bytes of a file, and sequential reading. */
export interface FileBytes extends ElfBytes {
  /** A range that is valid until the next call, so that no memory is allocated for each. */
  readonly window: (offset: number, length: number) => Buffer;
}

/** Bytes of a file, possibly on disk until disposed of. */
export interface HeldBytes extends FileBytes, Disposable {}

/** Larger files go through a temporary file: libpython with debug information has 80 MB. */
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
 * Random access to a member's content: small ones in memory, others in an unnamed file in the existing folder
 * `scratchPath`.
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
