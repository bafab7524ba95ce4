import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {buffer} from 'node:stream/consumers';
import {gzipSync} from 'node:zlib';
import {pack, type Header} from 'tar-stream';

/** An entry of a package that a test makes: a tar header, and a file's content. */
export type Entry = Partial<Header> & {readonly name: string; readonly content?: string | Buffer};

/** The bytes of a tar archive with these entries. */
export async function makeTar(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const {content, ...header} of entries) {
    if (content === undefined) tar.entry(header).end(null);
    else tar.entry(header, content);
  }
  tar.finalize();
  return buffer(tar);
}

/** The bytes of an ar archive with these members. */
export function makeAr(members: readonly (readonly [name: string, content: Buffer])[]): Buffer {
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    ...members.flatMap(([name, content]) => [
      Buffer.from(
        `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`,
      ),
      content,
      Buffer.alloc(content.length % 2, '\n'),
    ]),
  ]);
}

/** Writes a .deb file with these entries as its data, gzip-compressed, and returns its path. */
export async function writeDeb(
  directory: string,
  name: string,
  entries: readonly Entry[],
): Promise<string> {
  const control = gzipSync(
    await makeTar([{name: './control', content: `Package: ${name}\nVersion: 1\n`}]),
  );
  const data = gzipSync(await makeTar(entries));
  const debPath = path.join(directory, `${name}_1_all.deb`);
  await writeFile(
    debPath,
    makeAr([
      ['debian-binary', Buffer.from('2.0\n')],
      ['control.tar.gz', control],
      ['data.tar.gz', data],
    ]),
  );
  return debPath;
}
