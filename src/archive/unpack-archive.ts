import {createWriteStream} from 'node:fs';
import {link, mkdir, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Readable} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {ArchiveError} from './archive-error.js';
import {makeLinkCheck, TangledLinksError} from './links.js';
import {readArchive, type ArchiveMember} from './read-archive.js';

/** A member's path and link target. */
interface Link {
  readonly path: string;
  readonly target: string;
}

/** The unpacked members. */
interface Unpacked {
  readonly files: Set<string>;
  readonly hardlinks: Link[];
  readonly symlinks: Link[];
}

/**
 * Unpacks the members that `isWanted` picks into `folder`, which exists and is empty. An archive may be hostile:
 * nothing is written outside the folder, through a link or twice, and no link leads out. Modes become 0644 or 0755
 * minus the umask; the owner is this user; times are not kept.
 * @returns the paths of the files and links.
 * @throws ArchiveError for a member that must not be unpacked. Files written before it remain.
 */
export async function unpackArchive(
  archive: string,
  folder: string,
  isWanted: (member: string) => boolean = () => true,
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const unpacked: Unpacked = {files: new Set(), hardlinks: [], symlinks: []};
  for await (const member of readArchive(archive)) {
    signal?.throwIfAborted();
    const name = safePath(archive, member.path);
    if (isWanted(name)) await unpackMember(archive, folder, name, member, unpacked);
  }
  // Links come last, so that no path is redirected while files are written.
  await placeHardlinks(archive, folder, unpacked);
  await placeSymlinks(archive, folder, unpacked.symlinks).catch((error: unknown) => {
    if (!(error instanceof TangledLinksError)) throw error;
    throw new ArchiveError(archive, 'has links that take too many steps to resolve');
  });
  const links = [...unpacked.hardlinks, ...unpacked.symlinks];
  return new Set([...unpacked.files, ...links.map((each) => each.path)]);
}

async function unpackMember(
  archive: string,
  folder: string,
  name: string,
  member: ArchiveMember,
  {files, hardlinks, symlinks}: Unpacked,
): Promise<void> {
  switch (member.kind) {
    case 'directory':
      await place(archive, folder, `${name}/_`, () => Promise.resolve());
      return;
    case 'file':
      await place(archive, folder, name, (file) => writeMember(member, file));
      files.add(name);
      return;
    case 'symlink':
      symlinks.push({path: name, target: member.linkTarget ?? ''});
      return;
    case 'hardlink':
      hardlinks.push({path: name, target: safePath(archive, member.linkTarget ?? '')});
      return;
    case 'other':
      throw new ArchiveError(archive, `${name} is neither a file, a folder nor a link`);
  }
}

async function placeHardlinks(
  archive: string,
  folder: string,
  {files, hardlinks}: Unpacked,
): Promise<void> {
  for (const {path: name, target} of hardlinks) {
    if (!files.has(target)) {
      throw new ArchiveError(archive, `${name} is a link to ${target}, which is not a file in it`);
    }
    await place(archive, folder, name, (file) => link(path.join(folder, target), file));
  }
}

async function placeSymlinks(
  archive: string,
  folder: string,
  symlinks: readonly Link[],
): Promise<void> {
  const targets = new Map(symlinks.map(({path: name, target}) => [name, target]));
  const leadsOutside = makeLinkCheck(targets);
  for (const {path: name, target} of symlinks) {
    if (leadsOutside(name)) {
      throw new ArchiveError(archive, `${name} is a link that leads out of it, to ${target}`);
    }
    if (ancestorsOf(name).some((ancestor) => targets.has(ancestor))) {
      throw new ArchiveError(archive, `${name} lies below a link`);
    }
    await place(archive, folder, name, (file) => symlink(target, file));
  }
}

/** A member's path without `./` and a slash at its end. */
function safePath(archive: string, name: string): string {
  const parts = name
    .split('/')
    .filter((part, index) => part !== '.' && (part !== '' || index === 0));
  const isSafe =
    parts.length > 0 && parts[0] !== '' && !parts.includes('..') && !name.includes('\0');
  if (isSafe) return parts.join('/');
  // The folder itself, as `tar -C folder .` writes it.
  if (parts.length === 0) return '.';
  throw new ArchiveError(archive, `${JSON.stringify(name)} is a path that leads out of it`);
}

/** Members up to this size are written at once, because a stream costs more than most files. */
const smallBytes = 1 << 20;

async function writeMember(member: ArchiveMember, file: string): Promise<void> {
  const options = {flag: 'wx', mode: (member.mode & 0o111) === 0 ? 0o644 : 0o755};
  if (member.sizeBytes <= smallBytes) await writeFile(file, await member.read(), options);
  else {
    const output = createWriteStream(file, {...options, flags: options.flag});
    await pipeline(Readable.from(member.chunks()), output);
  }
}

async function place(
  archive: string,
  folder: string,
  name: string,
  make: (file: string) => Promise<void>,
): Promise<void> {
  try {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), {recursive: true});
    await make(file);
  } catch (error) {
    throw asTwice(error, archive, name);
  }
}

function ancestorsOf(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

function asTwice(error: unknown, archive: string, name: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const isTwice = code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR';
  if (code === 'ENAMETOOLONG' || code === 'EINVAL' || code === 'ENOENT') {
    return new ArchiveError(archive, `${name} cannot be a path or lead to one here`, {
      cause: error,
    });
  }
  return isTwice
    ? new ArchiveError(archive, `${name} is in it twice, or is below a link or a file`, {
        cause: error,
      })
    : error;
}
