import type {ZSTDDecoder} from 'zstddec/stream';

let decoder: Promise<ZSTDDecoder> | undefined;

/**
 * Streams the content of zstd frames, with windows up to 128 MiB. Input bytes need to be valid only until the next ones
 * are requested.
 * @throws Error if the bytes are damaged or truncated.
 */
export async function* unzstd(input: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  decoder ??= openDecoder();
  let chunksRead = 0;
  let chunksAtLastOutput = 0;
  const counted = function* (): Generator<Uint8Array> {
    for (const chunk of input) {
      chunksRead += 1;
      yield chunk;
    }
  };
  for (const output of (await decoder).decodeStreaming(counted())) {
    // The decoder ignores errors: it repeats the same input without output, forever.
    if (output.length === 0 && chunksRead === chunksAtLastOutput) {
      throw new RangeError('the zstd stream is damaged');
    }
    chunksAtLastOutput = chunksRead;
    if (output.length > 0) yield output;
  }
  if (chunksRead === 0) throw new RangeError('the zstd stream is empty');
}

/** Loaded on first use, because few commands read zstd. */
async function openDecoder(): Promise<ZSTDDecoder> {
  const {ZSTDDecoder} = await import('zstddec/stream');
  const opened = new ZSTDDecoder();
  await opened.init();
  return opened;
}
