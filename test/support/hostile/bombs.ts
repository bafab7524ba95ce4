import {gzipSync, inflateSync} from 'node:zlib';

const mebibyte = 1 << 20;

/** `head`, then so many MiB of zeros, as gzip: one member for each 64 MiB. */
export function gzipBomb(head: Buffer, mebibytes: number): Buffer {
  const part = gzipSync(Buffer.alloc(64 * mebibyte), {level: 9});
  const parts = Array.from({length: Math.ceil(mebibytes / 64)}, () => part);
  return Buffer.concat([gzipSync(head), ...parts]);
}

/** The same as zstd: a block of one repeated byte for each 128 KiB. */
export function zstdBomb(head: Buffer, mebibytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < head.length; at += 1 << 16) {
    const content = head.subarray(at, at + (1 << 16));
    blocks.push(zstdBlock('raw', content.length, false), content);
  }
  const repeated = Buffer.concat([zstdBlock('repeated', 128 << 10, false), Buffer.alloc(1)]);
  for (let count = 0; count < mebibytes * 8; count += 1) blocks.push(repeated);
  blocks.push(zstdBlock('raw', 0, true));
  // No checksum, no size, a window of 128 KiB.
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (17 - 10) << 3]), ...blocks]);
}

/** A zstd frame that claims a window of 2 to the power of `windowLog` bytes and is then made of many tiny blocks. */
export function wideZstd(windowLog: number, blocks: number): Buffer {
  const tiny = Buffer.concat([zstdBlock('repeated', 1, false), Buffer.alloc(1)]);
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3]),
    ...Array.from({length: blocks}, () => tiny),
    zstdBlock('raw', 0, true),
  ]);
}

function zstdBlock(kind: 'raw' | 'repeated', sizeBytes: number, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((sizeBytes << 3) | (kind === 'raw' ? 0 : 2) | (isLast ? 1 : 0), 0, 3);
  return header;
}

/** An LZMA2 chunk that resets everything and gives 2096914 zeros. */
const zerosChunk = inflateSync(
  Buffer.from(
    'eJz7/1+QMSeWgSH/7///i7f/d7fzEC2yTAzcMUnj2eI29p/vnsg1XdY/amXD6L2x7mRXl6/+Yt6b9cse9ygLBj+IlD' +
      'ha2vWo/Me2KfU8WQfulXimPHoZE7yJ5cZ3F57V8by5bi+fHi7r2D4tfM0234eZsvm/vTsEcpxOd9jHMPRf8FuvpjGl' +
      'UN62X+VhwbzlyvFvNE63Xpw6o6tOa+In9dLvkgfYZvjO+Htj/dUJ/EdUg398nWhmyLp0w7v8gwW+7jwXJwquWpsgu+' +
      'vcRnWJmMi2l2lBEftelq2JfPI0mpXj5/Fba//8DtIuOSsXreD0826w7Q/NFE7rhtNaOfe3Wn84slcvfhW/nXea0wRh' +
      'vv8Ck38UVkT+4D77f6qGG//KPzX3fs8y0As70N/6ubnxQCqVrd7jof4sAgAUu7r8',
    'base64',
  ),
);

/** The same as xz. It ends without an index, which nobody gets to read. */
export function xzBomb(head: Buffer, mebibytes: number): Buffer {
  const parts: Buffer[] = [Buffer.from('fd377a585a000000ff12d9410200210110000000a8708e86', 'hex')];
  for (let at = 0; at < head.length; at += 1 << 15) {
    const content = head.subarray(at, at + (1 << 15));
    const chunk = Buffer.from([1, 0, 0]);
    chunk.writeUInt16BE(content.length - 1, 1);
    parts.push(chunk, content);
  }
  for (let count = 0; count < mebibytes / 2; count += 1) parts.push(zerosChunk);
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}
