import {createRequire} from 'node:module';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {ReadableStream} from 'node:stream/web';
import {createGunzip} from 'node:zlib';
import {messageOf} from '../core/errors.js';
import {asBytes} from '../files/as-bytes.js';
import type * as xzDecompress from 'xz-decompress';
import {unzstd} from '../data/unzstd.js';
import {DebError} from './deb-error.js';

/** The compressions of .deb members, by file name extension. */
export type Compression = 'none' | 'gz' | 'xz' | 'zst';

type Bytes = AsyncIterable<Uint8Array>;
type Input = Iterable<Uint8Array>;

const decompressors: Readonly<Record<Compression, (input: Input) => Bytes | Input>> = {
  none: (input) => input,
  gz: gunzip,
  xz: unxz,
  zst: unzstd,
};

/** Streams decompressed data with bounded memory. Throws `DebError` for damaged data. */
export async function* decompress(
  input: Iterable<Uint8Array>,
  compression: Compression,
  what: string,
): AsyncIterable<Uint8Array> {
  try {
    yield* decompressors[compression](input);
  } catch (error) {
    throw new DebError(`${what} cannot be decompressed: ${messageOf(error)}`, {cause: error});
  }
}

async function* gunzip(input: Input): Bytes {
  const output = createGunzip();
  const fed = pipeline(Readable.from(input), output);
  // The iteration below reports the same error; without this listener it would count as unhandled.
  fed.catch(() => undefined);
  for await (const chunk of output) yield asBytes(chunk);
  await fed;
}

async function* unxz(input: Input): Bytes {
  // Loaded on first use: few runs need it. It is CommonJS whose exports Node cannot detect.
  const {XzReadableStream} = createRequire(import.meta.url)('xz-decompress') as typeof xzDecompress;
  const source = input[Symbol.iterator]();
  const compressed = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = source.next();
        // Truncated data shows as a decoder that makes no progress.
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      cancel() {
        source.return?.();
      },
    },
    {highWaterMark: 0},
  );
  const reader = new XzReadableStream(compressed).getReader();
  try {
    for (;;) {
      const next = await reader.read();
      if (next.done) return;
      yield asBytes(next.value);
    }
  } finally {
    // Frees the library's only decoder of this thread. It throws if the stream has already ended.
    await reader.cancel().catch(() => undefined);
  }
}
