import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {readSourceArchive, SourceArchiveError} from '../../../src/fetch/read-source-archive.js';
import {makeTar} from '../debian/deb-builder.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ampoule-source-'));
});
afterAll(() => rm(folder, {recursive: true}));

async function read(bytes: Buffer, name = 'x.tar') {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return readSourceArchive(file, name);
}

const at = (time: string) => ({mtime: new Date(time)});

describe('readSourceArchive', () => {
  it('has the day of the newest file and the files of the top folder; folders and links do not count', async () => {
    const tar = await makeTar([
      {name: 'x-1/', type: 'directory', ...at('2030-01-01T00:00:00Z')},
      {name: 'x-1/link', type: 'symlink', linkname: 'b', ...at('2030-01-01T00:00:00Z')},
      {name: 'x-1/configure', content: 'x', ...at('2020-05-05T23:59:59Z')},
      {name: 'x-1/src/a.c', content: 'x', ...at('2020-05-06T00:00:00Z')},
      {name: './x-1/COPYING', content: 'x', ...at('2001-01-01T00:00:00Z')},
    ]);

    expect(await read(gzipSync(tar), 'x.tar.gz')).toEqual({
      date: '2020-05-06',
      topFiles: ['COPYING', 'configure'],
    });
  });

  it.each([
    ['a damaged one', Buffer.from('x'.repeat(2000)), 'x.tar', /^x\.tar cannot be read: /],
    ['a truncated one', Buffer.from('1f8b08', 'hex'), 'x.tar.gz', /^x\.tar\.gz cannot be read: /],
    [
      'one with checks that are not known',
      Buffer.from('fd377a585a00000a', 'hex'),
      'x.tar.xz',
      /^x\.tar\.xz has SHA-256 checks/,
    ],
    ['an empty one', Buffer.alloc(1024), 'x.tar', /^x\.tar has no files$/],
    [
      'one of another kind',
      Buffer.from('x'),
      'x.tar.bz2',
      /ending that is not known\. Expected \.gz/,
    ],
  ])('refuses %s', async (_title, bytes, name, message) => {
    const reading = read(bytes, name);

    await expect(reading).rejects.toThrow(SourceArchiveError);
    await expect(reading).rejects.toThrow(message);
  });

  it.each([
    ['no calendar has', '80ffffffffffffffffffffff'],
    ['has five digits', '80000000000000ffffffffff'],
  ])('refuses a time whose year %s', async (_title, hex) => {
    const tar = await makeTar([{name: 'x/a', content: 'x'}]);
    Buffer.from(hex, 'hex').copy(tar, 136);
    // The checksum counts its own field as blanks.
    tar.fill(' ', 148, 156);
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);

    await expect(read(tar)).rejects.toThrow(/^x\.tar has a file without a time: x\/a$/);
  });
});
