import {open} from 'node:fs/promises';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {messageOf} from '../core/errors.js';
import {extract, type Header} from 'tar-stream';
import {
  defaultTarLimits,
  TarWatch,
  watched,
  type TarHeader,
  type TarLimits,
} from '../data/tar-watch.js';
import {ArchiveError} from './archive-error.js';
import {decompressFile, detectCompression, type ArchiveCompression} from './decompress.js';

/** The type of a member. `other`: devices, pipes and whatever else a tar can contain. */
export type MemberKind = 'file' | 'symlink' | 'hardlink' | 'directory' | 'other';

/** A member of an archive, valid until the next one is requested. */
export interface ArchiveMember {
  /** As it stands in the archive: `python/install/bin/python3.14`. */
  readonly path: string;
  readonly kind: MemberKind;
  /** Permission bits. */
  readonly mode: number;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly groupName: string;
  /** The target of a link; `undefined` for anything else. */
  readonly linkTarget: string | undefined;
  /** Extended records of the pax format, empty where there are none. */
  readonly pax: Readonly<Record<string, string>>;
  /** The content; can be read once. Empty unless it is a file. Throws `ArchiveError` if it exceeds `limitBytes`. */
  read(limitBytes?: number): Promise<Buffer>;
  /** The same in chunks, for digests and copying. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** Limits of a reader. An archive may declare anything. */
export interface ArchiveLimits extends TarLimits {
  /** Limit for one file that is kept in memory. */
  readonly fileBytes: number;
}

/** Several times the needs of the largest distribution. */
export const defaultArchiveLimits: ArchiveLimits = {
  ...defaultTarLimits,
  members: 50_000,
  fileBytes: 64 << 20,
};

/**
 * Streams the members of a `.tar.gz` or `.tar.zst` in order, in one pass and bounded memory. Unread content is skipped.
 * @throws ArchiveError when the file is not such an archive, is damaged or truncated, or exceeds a limit.
 */
export async function* readArchive(
  file: string,
  limits: ArchiveLimits = defaultArchiveLimits,
): AsyncGenerator<ArchiveMember> {
  const compression = await compressionOf(file);
  const watch = new TarWatch(limits);
  const members = extract();
  const input = Readable.from(watched(decompressFile(file, compression), watch));
  const fed = pipeline(input, members);
  // The iteration below reports the same error; without this listener it would count as unhandled.
  fed.catch(() => undefined);
  try {
    for await (const entry of members) {
      watch.take(entry.header as TarHeader);
      yield toMember(entry, limits, file);
      entry.resume();
    }
  } catch (error) {
    throw asArchiveError(error, file);
  } finally {
    input.destroy();
    members.destroy();
  }
}

/** The compression of an archive. @throws ArchiveError when it cannot be read, or the compression is unknown. */
export async function compressionOf(file: string): Promise<ArchiveCompression> {
  const head = Buffer.alloc(4);
  const length = await readStart(file, head).catch((error: unknown) => {
    const {code} = error as NodeJS.ErrnoException;
    const problem =
      code === 'EISDIR'
        ? 'is a folder, expected an archive'
        : `cannot be opened: ${messageOf(error)}`;
    throw new ArchiveError(file, problem, {cause: error});
  });
  const compression = detectCompression(head);
  if (compression !== undefined) return compression;
  const what = length === 0 ? 'is empty' : 'is not an archive of a distribution';
  throw new ArchiveError(file, `${what}: expected a .tar.zst or a .tar.gz`);
}

async function readStart(file: string, head: Buffer): Promise<number> {
  await using handle = await open(file);
  return (await handle.read(head, 0, head.length, 0)).bytesRead;
}

/** Refuses an archive by the paths of its members. @throws ArchiveError when none is below `python/`. */
export function requireDistribution(file: string, paths: readonly string[]): void {
  if (paths.some((path) => /^(?:\.\/)*python\/./.test(path))) return;
  const example = paths[0] === undefined ? 'nothing' : `such as ${paths[0]}`;
  throw new ArchiveError(
    file,
    `is not a distribution of Python: expected members below python/, found ${example}`,
  );
}

/** The types of the library do not say what a byte stream yields. */
interface Entry extends AsyncIterable<unknown> {
  readonly header: Header;
}

function toMember(entry: Entry, limits: ArchiveLimits, file: string): ArchiveMember {
  const {header} = entry;
  const kind = kindOf(header);
  const chunks = () => contentOf(entry, file);
  return {
    path: header.name,
    kind,
    mode: header.mode,
    sizeBytes: header.size,
    mtimeSeconds: header.mtime.getTime() / 1000,
    uid: header.uid,
    gid: header.gid,
    userName: header.uname,
    groupName: header.gname,
    linkTarget: kind === 'symlink' || kind === 'hardlink' ? header.linkname : undefined,
    pax: (header.pax ?? {}) as Readonly<Record<string, string>>,
    chunks,
    async read(limitBytes = limits.fileBytes) {
      if (header.size > limitBytes) {
        throw new ArchiveError(file, `${header.name} claims ${header.size} bytes`);
      }
      const content = Buffer.allocUnsafe(header.size);
      let length = 0;
      for await (const chunk of chunks()) {
        content.set(chunk, length);
        length += chunk.length;
      }
      return content.subarray(0, length);
    },
  };
}

/** Damage of the archive may also appear while a member is read. */
async function* contentOf(entry: Entry, file: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of entry) yield chunk as Uint8Array;
  } catch (error) {
    throw asArchiveError(error, file);
  }
}

function asArchiveError(error: unknown, file: string): ArchiveError {
  if (error instanceof ArchiveError) return error;
  const reason = messageOf(error);
  return new ArchiveError(file, `cannot be read: ${reason}`, {cause: error});
}

function kindOf({type}: Header): MemberKind {
  switch (type) {
    case 'file':
    case 'contiguous-file':
      return 'file';
    case 'symlink':
      return 'symlink';
    case 'link':
      return 'hardlink';
    case 'directory':
      return 'directory';
    default:
      return 'other';
  }
}
