import {open} from 'node:fs/promises';
import path from 'node:path';
import {listArMembers} from './ar.js';
import {DebError} from './deb-error.js';
import {fileChunks} from './file-chunks.js';
import {decompress, type Compression} from './decompress.js';

const compressionBySuffix: Readonly<Record<string, Compression>> = {
  '': 'none',
  '.gz': 'gz',
  '.xz': 'xz',
  '.zst': 'zst',
};

/**
 * Streams the decompressed tar of a .deb file's `control` or `data` member.
 * @throws DebError when the file is not a .deb, lacks the member or uses an unsupported compression.
 */
export async function* readDebMember(
  hostPath: string,
  wanted: 'control' | 'data',
): AsyncIterable<Uint8Array> {
  const fileName = path.basename(hostPath);
  await using file = await open(hostPath);
  const members = await listArMembers(file, fileName);
  if (members[0]?.name !== 'debian-binary') {
    throw new DebError(
      `${fileName} is not a Debian package: its first member is not debian-binary.`,
    );
  }
  const member = members.find(({name}) => name.startsWith(`${wanted}.tar`));
  if (member === undefined) throw new DebError(`${fileName} has no member ${wanted}.tar.`);
  const compression = compressionBySuffix[member.name.slice(`${wanted}.tar`.length)];
  if (compression === undefined) {
    throw new DebError(
      `${fileName}: the member ${member.name} uses an unsupported compression.\n` +
        'Supported are .tar, .tar.gz, .tar.xz and .tar.zst.',
    );
  }
  const input = fileChunks(hostPath, member.offset, member.sizeBytes);
  yield* decompress(input, compression, `${fileName}: ${member.name}`);
}
