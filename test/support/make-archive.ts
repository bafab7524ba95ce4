import {writeFile} from 'node:fs/promises';
import {buffer} from 'node:stream/consumers';
import {gzipSync} from 'node:zlib';
import {pack, type Pack} from 'tar-stream';

type Headers = Parameters<Pack['entry']>[0];

/** A member of an archive that a test makes: a file's content, or any header. */
export type FixtureMember = readonly [name: string, content: string | Buffer, header?: Headers];

/** A symbolic link. */
export function symlinkMember(name: string, target: string): FixtureMember {
  return [name, '', {name, type: 'symlink', linkname: target}];
}

/** Writes a .tar.gz with these members, all of one time, and returns its path. */
export async function makeArchive(
  file: string,
  members: readonly FixtureMember[],
): Promise<string> {
  const archive = pack();
  for (const [name, content, header] of members) {
    const whole = {mtime: new Date(1_700_000_000_000), mode: 0o644, ...header, name};
    if (header?.type === undefined || header.type === 'file') archive.entry(whole, content);
    else archive.entry(whole);
  }
  archive.finalize();
  await writeFile(file, gzipSync(await buffer(archive)));
  return file;
}
