import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import type {ArchiveCompression} from '../archive/decompress.js';

/** The header of the first zstd frame, and the end of the frame. */
export interface ZstdFacts {
  readonly kind: 'zstd';
  readonly windowBytes: number;
  readonly hasChecksum: boolean;
  /** `undefined` if the header does not contain it. */
  readonly contentBytes: number | undefined;
  readonly hasDictionary: boolean;
  /** Bytes after the first frame. */
  readonly trailingBytes: number;
}

/** The header and trailer of a gzip file. */
export interface GzipFacts {
  readonly kind: 'gzip';
  /** `FLG`: bits for name, comment, extra fields. */
  readonly flags: number;
  readonly mtimeSeconds: number;
  /** The operating system; 3 is Unix. */
  readonly system: number;
  /** Length of the content modulo 2^32, from the last four bytes. */
  readonly contentBytes: number;
}

/** The compression settings that the bytes of an archive show. The level is not among them. */
export type CompressionFacts = ZstdFacts | GzipFacts;

/** The window that zstd readers accept by default. */
export const maximumWindowBytes = 128 << 20;

/** Whether a reader with default settings can unpack it; if not, only the settings can be checked. */
export function isReadable(facts: CompressionFacts): boolean {
  return (
    facts.kind === 'gzip' ||
    (facts.windowBytes <= maximumWindowBytes && !facts.hasDictionary && facts.trailingBytes === 0)
  );
}

type Read = (position: number, length: number) => Buffer;

/** Reads the compressor's settings from a file of a known type. @throws RangeError if it is too short. */
export function readCompressionFacts(
  file: string,
  compression: ArchiveCompression,
): CompressionFacts {
  const descriptor = openSync(file, 'r');
  try {
    const {size} = fstatSync(descriptor);
    const read: Read = (position, length) => {
      const buffer = Buffer.alloc(length);
      if (readSync(descriptor, buffer, 0, length, position) < length) {
        throw new RangeError(`it ends within a ${compression} header`);
      }
      return buffer;
    };
    return compression === 'gzip' ? gzipFacts(read, size) : zstdFacts(read, size);
  } finally {
    closeSync(descriptor);
  }
}

function gzipFacts(read: Read, fileBytes: number): GzipFacts {
  const header = read(0, 10);
  return {
    kind: 'gzip',
    flags: header.readUInt8(3),
    mtimeSeconds: header.readUInt32LE(4),
    system: header.readUInt8(9),
    contentBytes: read(fileBytes - 4, 4).readUInt32LE(0),
  };
}

/** RFC 8878, 3.1.1. */
function zstdFacts(read: Read, fileBytes: number): ZstdFacts {
  const descriptor = read(4, 1).readUInt8(0);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 0x04) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? (isSingleSegment ? 1 : 0) : 1 << sizeFlag;
  const windowAt = 5;
  const sizeAt = windowAt + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  const contentBytes = sizeBytes === 0 ? undefined : contentSize(read(sizeAt, sizeBytes));
  return {
    kind: 'zstd',
    windowBytes: isSingleSegment ? (contentBytes ?? 0) : windowSize(read(windowAt, 1).readUInt8(0)),
    hasChecksum,
    contentBytes,
    hasDictionary: dictionaryBytes > 0,
    trailingBytes: fileBytes - endOfBlocks(read, sizeAt + sizeBytes) - (hasChecksum ? 4 : 0),
  };
}

function contentSize(field: Buffer): number {
  // Two-byte sizes start at 256.
  if (field.length === 2) return field.readUInt16LE(0) + 256;
  return field.length === 8 ? Number(field.readBigUInt64LE(0)) : field.readUIntLE(0, field.length);
}

function windowSize(field: number): number {
  const base = 2 ** (10 + (field >> 3));
  return base + (base / 8) * (field & 7);
}

/** At 128 KiB each, as compressors make them, they contain far more than an archive may. */
const maximumBlocks = 500_000;

function endOfBlocks(read: Read, firstBlock: number): number {
  let position = firstBlock;
  for (let count = 0; count < maximumBlocks; count += 1) {
    const header = read(position, 3).readUIntLE(0, 3);
    const isRunLength = ((header >> 1) & 3) === 1;
    position += 3 + (isRunLength ? 1 : header >> 3);
    if ((header & 1) === 1) return position;
  }
  throw new RangeError(`it has more than ${maximumBlocks} zstd blocks`);
}
