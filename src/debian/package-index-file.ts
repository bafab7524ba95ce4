import {createReadStream} from 'node:fs';
import {decompress} from './decompress.js';

/** The text of a downloaded `Packages.xz` or `Packages.gz`, in pieces that hold whole paragraphs. */
export async function* packageIndexPieces(
  hostPath: string,
  fileName: string,
): AsyncIterable<string> {
  const compression = fileName.endsWith('.xz') ? 'xz' : 'gz';
  let rest = '';
  for await (const bytes of decompress(createReadStream(hostPath), compression, fileName)) {
    // The fields that are used are ASCII; the others would make the text twice as large in memory.
    rest += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const end = rest.lastIndexOf('\n\n');
    if (end === -1) continue;
    yield rest.slice(0, end);
    rest = rest.slice(end + 2);
  }
  yield rest;
}
