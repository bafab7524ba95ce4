import {createHash} from 'node:crypto';
import {constants} from 'node:fs';
import {open} from 'node:fs/promises';
import path from 'node:path';
import {Writable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {pack, type Pack} from 'tar-stream';
import type {Sha256} from '../../core/digest.js';
import {BuildError} from '../../core/errors.js';
import type {Source} from '../../core/source.js';
import {listTree, UnreadableTreeError, type TreeEntry} from './list-tree.js';
import type {PackedTree} from './with-python-tree.js';

/** The folder at the top of the archive, as releases have one. */
const topFolder = 'Python';

/** All times in the archive. A tree's own times say nothing of its content, and tar complains of 1970. */
const mtime = new Date('1980-01-01T00:00:00Z');

/** What the tree's archive is: equal content gives equal bytes, whatever the times, owners and order of files are. */
export async function digestOfTree(folder: string, signal: AbortSignal): Promise<PackedTree> {
  return writeTree(folder, new Writable({write: (_chunk, _encoding, done) => done()}), signal);
}

/** Packs a tree into a file. @throws TreeChangedError if it is no longer the tree that was planned. */
export async function packTree(
  folder: string,
  {sha256: planned}: Source,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  await using output = await open(file, 'w', 0o644);
  const {sha256} = await writeTree(folder, output.createWriteStream(), signal);
  if (sha256 !== planned) throw new TreeChangedError(folder);
}

async function writeTree(
  folder: string,
  output: Writable,
  signal: AbortSignal,
): Promise<PackedTree> {
  const entries = await listTree(folder, signal);
  const archive = pack();
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const count = async function* (chunks: AsyncIterable<unknown>) {
    for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      sizeBytes += chunk.length;
      yield chunk;
    }
  };
  const written = pipeline(archive, count, output, {signal});
  const filled = fill(archive, folder, entries).catch((error: unknown) => {
    archive.destroy(error as Error);
    throw error;
  });
  const [filling, writing] = await Promise.allSettled([filled, written]);
  signal.throwIfAborted();
  // The first is the cause of the second.
  for (const end of [filling, writing]) if (end.status === 'rejected') throw end.reason;
  return {sha256: hash.digest('hex') as Sha256, sizeBytes};
}

async function fill(archive: Pack, folder: string, entries: readonly TreeEntry[]): Promise<void> {
  for (const entry of entries) {
    const name = path.posix.join(topFolder, entry.name);
    const common = {name, mtime, uid: 0, gid: 0, uname: '', gname: ''};
    if (entry.kind === 'link') {
      archive.entry({...common, type: 'symlink', linkname: entry.target, mode: 0o777});
      continue;
    }
    const mode = entry.isExecutable ? 0o755 : 0o644;
    const content = await contentOf(path.join(folder, entry.name));
    await new Promise<void>((resolve, reject) => {
      archive.entry({...common, mode, size: content.length}, content, (error) =>
        error === null || error === undefined ? resolve() : reject(error),
      );
    });
  }
  archive.finalize();
}

/** Follows no link that has taken the place of a file. */
async function contentOf(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    return await handle.readFile();
  } catch (error) {
    throw new UnreadableTreeError(file, error as NodeJS.ErrnoException);
  }
}

/** A tree was changed between the plan and its use. */
export class TreeChangedError extends BuildError {
  override readonly name = 'TreeChangedError';
  readonly code = 'E_TREE_CHANGED';

  constructor(folder: string) {
    super(
      `--python-source: ${folder} was changed after this build had been planned.\nRun the same command again.`,
    );
  }
}
