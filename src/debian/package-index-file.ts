import {DebError} from './deb-error.js';
import {decompress} from './decompress.js';
import {fileChunks} from './file-chunks.js';

/** Ten times the size of Debian's largest suite, and far more than any of its packages. */
const maximumBytes = 1 << 30;
const maximumParagraph = 4 << 20;

/** Streams the text of a downloaded `Packages.xz` or `Packages.gz` in pieces of whole paragraphs. */
export async function* packageIndexPieces(
  hostPath: string,
  fileName: string,
): AsyncIterable<string> {
  const compression = fileName.endsWith('.xz') ? 'xz' : 'gz';
  let rest = '';
  let total = 0;
  for await (const bytes of decompress(fileChunks(hostPath), compression, fileName)) {
    // The used fields are ASCII; decoding as UTF-8 could double the memory.
    rest += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    total += bytes.length;
    if (total > maximumBytes || rest.length > maximumParagraph) {
      throw new DebError(
        `${fileName} is not an index of packages: it has more than ${maximumBytes} bytes, or a paragraph of ${maximumParagraph}.`,
      );
    }
    const end = rest.lastIndexOf('\n\n');
    if (end === -1) continue;
    yield rest.slice(0, end);
    rest = rest.slice(end + 2);
  }
  yield rest;
}
