import type {ZSTDDecoder} from 'zstddec/stream';

let decoder: Promise<ZSTDDecoder> | undefined;

/**
 * The content of zstd frames, as it is read: windows up to 128 MiB, as all readers take them. Bytes of the input need be
 * valid only until the next ones are asked for.
 * @throws Error when the bytes are damaged or end too early.
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
    // The decoder does not look at errors: it goes on with the same input and gives nothing, for ever.
    if (output.length === 0 && chunksRead === chunksAtLastOutput) {
      throw new RangeError('the zstd stream is damaged');
    }
    chunksAtLastOutput = chunksRead;
    if (output.length > 0) yield output;
  }
  if (chunksRead === 0) throw new RangeError('the zstd stream is empty');
}

/** Loaded on first use: few commands read zstd. */
async function openDecoder(): Promise<ZSTDDecoder> {
  const {ZSTDDecoder} = await import('zstddec/stream');
  const opened = new ZSTDDecoder();
  await opened.init();
  return opened;
}
