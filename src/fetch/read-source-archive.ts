import path from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {extract, type Header} from 'tar-stream';
import {BuildError, messageOf} from '../core/errors.js';
import {defaultTarLimits, TarWatch, watched, type TarHeader} from '../data/tar-watch.js';
import {decompress, type Compression} from '../debian/decompress.js';
import {fileChunks} from '../debian/file-chunks.js';

/** What a recipe says of the inside of its source. */
export interface SourceContents {
  /** ISO day of the newest file. */
  readonly date: string;
  /** The names of the files in the top folder, sorted. */
  readonly topFiles: readonly string[];
}

/** A source archive that cannot be read. */
export class SourceArchiveError extends BuildError {
  override readonly name = 'SourceArchiveError';
  readonly code = 'E_SOURCE_ARCHIVE';

  constructor(fileName: string, problem: string, options?: ErrorOptions) {
    super(`${fileName} ${problem}`, options);
  }
}

const compressions: Readonly<Record<string, Compression>> = {
  '.gz': 'gz',
  '.tgz': 'gz',
  '.xz': 'xz',
  '.zst': 'zst',
  '.tar': 'none',
};

/** Four times the largest source, which is LLVM's. */
const limits = {...defaultTarLimits, members: 1_000_000, folders: 200_000, totalBytes: 2 ** 33};

/** An ISO day has four digits for the year. */
const endOfDaysMs = Date.UTC(10_000, 0);

/** Reads the members of a source archive in one pass. @throws SourceArchiveError if it is damaged, or no archive. */
export async function readSourceArchive(
  hostPath: string,
  fileName: string,
): Promise<SourceContents> {
  const compression = compressions[path.extname(fileName)];
  if (compression === undefined) {
    const known = Object.keys(compressions).join(', ');
    throw new SourceArchiveError(fileName, `has an ending that is not known. Expected ${known}.`);
  }
  if (compression === 'xz' && hasUnknownCheck(hostPath)) {
    throw new SourceArchiveError(fileName, 'has SHA-256 checks, which are not understood here.');
  }
  const watch = new TarWatch(limits);
  const members = extract();
  const input = Readable.from(
    watched(decompress(fileChunks(hostPath), compression, fileName), watch),
  );
  const fed = pipeline(input, members);
  // The iteration below reports the same error; without this listener it would count as unhandled.
  fed.catch(() => undefined);
  let newest = -Infinity;
  const topFiles = new Set<string>();
  try {
    for await (const entry of members) {
      const header: Header = entry.header;
      watch.take(header as TarHeader);
      if (header.type === 'file') {
        const timeMs = header.mtime.getTime();
        // No comparison holds for a time that is none.
        if (!(timeMs < endOfDaysMs)) {
          throw new SourceArchiveError(fileName, `has a file without a time: ${header.name}`);
        }
        newest = Math.max(newest, timeMs);
        const top = /^(?:\.\/)*[^/]+\/([^/]+)$/.exec(header.name)?.[1];
        if (top !== undefined) topFiles.add(top);
      }
      entry.resume();
    }
    await fed;
  } catch (error) {
    if (error instanceof SourceArchiveError) throw error;
    const problem = `cannot be read: ${messageOf(error)}`;
    throw new SourceArchiveError(fileName, problem, {cause: error});
  } finally {
    input.destroy();
    members.destroy();
  }
  if (newest === -Infinity) throw new SourceArchiveError(fileName, 'has no files');
  return {date: new Date(newest).toISOString().slice(0, 10), topFiles: [...topFiles].sort()};
}

/** Whether the blocks of an .xz have checks that our decoder does not know: neither none, CRC32 nor CRC64. */
function hasUnknownCheck(hostPath: string): boolean {
  const [head = Buffer.alloc(0)] = fileChunks(hostPath, 0, 8);
  return head.toString('hex', 0, 6) === 'fd377a585a00' && (head[7] ?? 0) > 4;
}
