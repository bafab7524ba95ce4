import {closeSync, createReadStream, openSync, readSync} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import {createGunzip} from 'node:zlib';
import {unzstd} from '../data/unzstd.js';

/** How an archive is compressed, by its first bytes. */
export type ArchiveCompression = 'gzip' | 'zstd';

type Chunks = AsyncIterable<Uint8Array>;

const chunkBytes = 256 << 10;

/** Detects the compression from the first bytes of a file; `undefined` for an unknown one. */
export function detectCompression(head: Uint8Array): ArchiveCompression | undefined {
  const magic = Buffer.from(head.subarray(0, 4)).toString('hex');
  if (magic.startsWith('1f8b')) return 'gzip';
  return magic === '28b52ffd' ? 'zstd' : undefined;
}

/** Streams the decompressed content of a file. Damaged or truncated data throws. */
export function decompressFile(file: string, compression: ArchiveCompression): Chunks {
  return compression === 'gzip' ? gunzip(file) : unzstd(readChunks(file));
}

async function* gunzip(file: string): Chunks {
  const output = createGunzip({chunkSize: chunkBytes});
  const fed = pipeline(createReadStream(file, {highWaterMark: chunkBytes}), output);
  // The iteration below reports the same error; without this listener it would count as unhandled.
  fed.catch(() => undefined);
  for await (const chunk of output) yield chunk as Uint8Array;
  await fed;
}

/** The decoder copies its input synchronously, so one buffer is enough. */
function* readChunks(file: string): Generator<Uint8Array> {
  const descriptor = openSync(file, 'r');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  try {
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      if (length === 0) return;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(descriptor);
  }
}
