import {createReadStream} from 'node:fs';
import {lstat, readdir, readFile, readlink} from 'node:fs/promises';
import path from 'node:path';
import {pipeline} from 'node:stream/promises';
import {Readable} from 'node:stream';
import {pack, type Header, type Pack} from 'tar-stream';
import {compareCodeUnits} from '../../core/digest.js';

/** Files up to this size are read at once, because a stream for each small file is slower. */
const wholeBytes = 1 << 18;
/** The user of the sandbox contract. */
const user = 1000;

/** How a tree becomes a tar stream. */
export interface Packing {
  /** Before every name: `src/` puts the tree into a folder. */
  readonly prefix: string;
  /** Owned by the sandbox's user with the files' own times, or by root with one constant time. */
  readonly owner: 'user' | 'root';
  /** Top-level directories with a different owner and mode. */
  readonly scratch?: Readonly<Record<string, {readonly uid: number; readonly mode: number}>>;
}

/** Trees as one tar stream, in bounded memory: modes 0644 and 0755, as artifacts have them. */
export function packTrees(
  trees: readonly {readonly hostPath: string; readonly packing: Packing}[],
): Readable {
  const archive = pack();
  const write = async (): Promise<void> => {
    for (const {hostPath, packing} of trees) await writeDirectory(archive, hostPath, '', packing);
    archive.finalize();
  };
  write().catch((error: unknown) => archive.destroy(error as Error));
  return Readable.from(archive);
}

type EntryHeader = Partial<Header> & Pick<Header, 'name'>;

async function writeDirectory(
  archive: Pack,
  root: string,
  relative: string,
  packing: Packing,
): Promise<void> {
  const names = await readdir(path.join(root, relative));
  for (const name of names.sort(compareCodeUnits)) {
    const inside = path.join(relative, name);
    const absolute = path.join(root, inside);
    const stats = await lstat(absolute);
    const scratch = packing.scratch?.[inside];
    const id = scratch?.uid ?? (packing.owner === 'user' ? user : 0);
    const isExecutable = stats.isDirectory() || (stats.mode & 0o100) !== 0;
    const header: EntryHeader = {
      name: `${packing.prefix}${inside}`,
      mode: scratch?.mode ?? (isExecutable ? 0o755 : 0o644),
      uid: id,
      gid: id,
      mtime: packing.owner === 'user' ? stats.mtime : new Date(0),
    };
    if (stats.isDirectory()) {
      await writeEntry(archive, {...header, name: `${header.name}/`, type: 'directory'});
      await writeDirectory(archive, root, inside, packing);
    } else if (stats.isSymbolicLink()) {
      const linkname = await readlink(absolute);
      await writeEntry(archive, {...header, type: 'symlink', linkname});
    } else if (stats.isFile() && stats.size <= wholeBytes) {
      await writeEntry(archive, header, await readFile(absolute));
    } else if (stats.isFile()) {
      const entry = archive.entry({...header, size: stats.size});
      await pipeline(createReadStream(absolute), entry);
    }
  }
}

function writeEntry(archive: Pack, header: EntryHeader, content = Buffer.alloc(0)): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header, content, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
