import {createWriteStream} from 'node:fs';
import {link, lstat, mkdir, symlink, utimes} from 'node:fs/promises';
import path from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {extract, type Header} from 'tar-stream';
import {BuildError} from '../../core/errors.js';
import {
  isMisread,
  longestPath,
  longPath,
  misreadName,
  specialEntry,
  tooLarge,
} from '../../core/output-error.js';

/** An engine's archive of a folder is invalid. */
export class EngineArchiveError extends BuildError {
  override readonly name = 'EngineArchiveError';
  readonly code = 'E_ENGINE_ARCHIVE';
}

/** What to do with pipes and devices: refuse them in an output, skip them in scratch files. */
export type SpecialEntries = 'refuse' | 'leave out';

/**
 * Writes an engine's archive of a folder into `directory`, with bounded memory. This process's user owns everything and
 * can read and remove it. Nothing is written outside: an entry's folder must precede it.
 * @param limitBytes the largest sum of the sizes of files.
 * @throws EngineArchiveError; StageOutputError if an output cannot be an artifact.
 */
export async function unpackTree(
  stream: Readable,
  directory: string,
  special: SpecialEntries,
  limitBytes = Infinity,
): Promise<void> {
  const unpacking = new Unpacking(directory, special, limitBytes);
  const archive = extract();
  const writing = (async () => {
    for await (const entry of archive) {
      await unpacking.write(entry.header, Readable.from(entry));
      entry.resume();
    }
  })();
  await Promise.all([pipeline(stream, archive), writing]);
}

class Unpacking {
  /** The folders from this archive, and the top one, which is ours; none of them is a symbolic link. */
  private readonly folders = new Set(['.']);
  /** The archive's name of the folder itself, from its first entry: Docker `out/`, podman's volumes `/`. */
  private top: readonly string[] | undefined;
  private totalBytes = 0;

  constructor(
    private readonly directory: string,
    private readonly special: SpecialEntries,
    private readonly limitBytes: number,
  ) {}

  async write(header: Header, content: Readable): Promise<void> {
    if (this.top === undefined) {
      this.top = topOf(header);
      return;
    }
    const relative = inside(this.top, header.name);
    if (relative === '.') return;
    if (this.special === 'refuse') this.check(relative, header);
    const target = this.place(relative);
    const mode = header.mode;
    switch (header.type) {
      case 'directory':
        await makeFolder(target, (mode & 0o777) | 0o700);
        this.folders.add(relative);
        return;
      case 'symlink':
        await symlink(header.linkname, target);
        return;
      case 'link':
        await this.link(inside(this.top, header.linkname), target);
        return;
      case 'file':
      case 'contiguous-file':
        // `wx`: never writes through an existing entry.
        await pipeline(
          content,
          createWriteStream(target, {flags: 'wx', mode: (mode & 0o777) | 0o600}),
        );
        await utimes(target, header.mtime, header.mtime);
        return;
      default:
        if (this.special === 'leave out') return;
        throw specialEntry(relative);
    }
  }

  /** Refuses what no artifact may hold, before anything of it is written. */
  private check(relative: string, {linkname, size, type}: Header): void {
    if (isMisread(relative)) throw misreadName(relative);
    if (type === 'symlink' && isMisread(linkname)) throw misreadName(relative);
    if (Buffer.byteLength(relative) > longestPath) throw longPath(relative);
    this.totalBytes += size;
    if (this.totalBytes > this.limitBytes) throw tooLarge(relative, this.limitBytes);
  }

  private async link(existing: string, target: string): Promise<void> {
    const source = this.place(existing);
    if (!(await lstat(source)).isFile()) {
      throw new EngineArchiveError(`the engine's archive links to ${existing}, which is not a file`);
    }
    await link(source, target);
  }

  private place(relative: string): string {
    if (!this.folders.has(path.posix.dirname(relative))) {
      throw new EngineArchiveError(
        `the engine's archive holds ${relative}, whose folder did not come before it`,
      );
    }
    return path.join(this.directory, relative);
  }
}

async function makeFolder(target: string, mode: number): Promise<void> {
  try {
    await mkdir(target, {mode});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!(await lstat(target)).isDirectory()) throw error;
  }
}

function topOf({name, type}: Header): readonly string[] {
  if (type === 'directory') return partsOf(name);
  throw new EngineArchiveError(
    `the engine's archive begins with ${JSON.stringify(name)}, expected the folder itself first`,
  );
}

/** A name relative to the folder itself: in `out`, `out/lib/x` is `lib/x`. */
function inside(top: readonly string[], name: string): string {
  const parts = partsOf(name);
  const isInside = !parts.includes('..') && top.every((part, index) => parts[index] === part);
  if (!isInside) {
    throw new EngineArchiveError(`the engine's archive holds the name ${JSON.stringify(name)}`);
  }
  return parts.slice(top.length).join('/') || '.';
}

function partsOf(name: string): readonly string[] {
  return path.posix
    .normalize(name)
    .split('/')
    .filter((part) => part !== '' && part !== '.');
}
