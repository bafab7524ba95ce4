import {DebError} from './deb-error.js';
import {decompress} from './decompress.js';
import {fileChunks} from './file-chunks.js';

/** Ten times what Debian's largest suite has, and far more than any of its packages. */
const maximumBytes = 1 << 30;
const maximumParagraph = 4 << 20;

/** The text of a downloaded `Packages.xz` or `Packages.gz`, in pieces that hold whole paragraphs. */
export async function* packageIndexPieces(
  hostPath: string,
  fileName: string,
): AsyncIterable<string> {
  const compression = fileName.endsWith('.xz') ? 'xz' : 'gz';
  let rest = '';
  let total = 0;
  for await (const bytes of decompress(fileChunks(hostPath), compression, fileName)) {
    // The fields that are used are ASCII; the others would make the text twice as large in memory.
    rest += Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    total += bytes.length;
    if (total > maximumBytes || rest.length > maximumParagraph) {
      throw new DebError(
        `${fileName} is no index of packages: it has more than ${maximumBytes} bytes, or a paragraph of ${maximumParagraph}.`,
      );
    }
    const end = rest.lastIndexOf('\n\n');
    if (end === -1) continue;
    yield rest.slice(0, end);
    rest = rest.slice(end + 2);
  }
  yield rest;
}
