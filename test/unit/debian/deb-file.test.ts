import {createHash} from 'node:crypto';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {DebError} from '../../../src/debian/deb-error.js';
import {readDebMember} from '../../../src/debian/deb-file.js';
import {
  tarSha256,
  xzSample as xzBytes,
  zstdSample as zstBytes,
} from '../../support/fuzz/samples.js';
import {makeAr, makeTar} from './deb-builder.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ampoule-deb-'));
});
afterAll(() => rm(directory, {recursive: true}));

async function debOf(...members: Parameters<typeof makeAr>[0]): Promise<string> {
  const file = path.join(directory, 'x_1_all.deb');
  await writeFile(file, makeAr([['debian-binary', Buffer.from('2.0\n')], ...members]));
  return file;
}

async function read(file: string, member: 'control' | 'data' = 'data'): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readDebMember(file, member)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('readDebMember', () => {
  it.each([
    ['data.tar.xz', xzBytes],
    ['data.tar.zst', zstBytes],
  ])('decompresses %s', async (name, bytes) => {
    const file = await debOf(['control.tar', Buffer.from('control')], [name, bytes]);

    const tar = await read(file);

    expect(createHash('sha256').update(tar).digest('hex')).toBe(tarSha256);
  });

  it('reads the control member and the data member of one file, gzip-compressed or plain', async () => {
    const data = await makeTar([{name: './a', content: 'x'}]);
    const file = await debOf(['control.tar.gz', gzipSync('the control')], ['data.tar', data]);

    expect((await read(file, 'control')).toString()).toBe('the control');
    expect((await read(file, 'data')).equals(data)).toBe(true);
  });

  it('frees the decoder when a reader stops early, so that the next one can read', async () => {
    const file = await debOf(['data.tar.xz', xzBytes]);
    for await (const chunk of readDebMember(file, 'data')) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }

    expect((await read(file)).length).toBe(10240);
  });

  it.each([
    ['data.tar.xz', xzBytes.subarray(0, 150)],
    ['data.tar.xz', Buffer.from('no xz at all')],
    ['data.tar.xz', Buffer.alloc(0)],
    ['data.tar.gz', gzipSync('x'.repeat(1000)).subarray(0, 20)],
    ['data.tar.zst', Buffer.from('no zstd at all')],
  ])('reports damaged data in %s by the name of the file', async (name, bytes) => {
    const file = await debOf([name, bytes]);

    await expect(read(file)).rejects.toThrow(/^x_1_all\.deb: data\.tar/);
    await expect(read(file)).rejects.toBeInstanceOf(DebError);
  });

  it('says which compressions it reads when it meets another', async () => {
    const file = await debOf(['data.tar.lzma', Buffer.from('x')]);

    await expect(read(file)).rejects.toThrow(/data\.tar\.lzma .*\n.*\.tar\.zst/);
  });

  it('reports a file that is not an ar archive, one without the member, and one that ends early', async () => {
    const noAr = path.join(directory, 'no_ar.deb');
    await writeFile(noAr, 'PK\x03\x04');
    const cut = path.join(directory, 'cut.deb');
    const whole = makeAr([
      ['debian-binary', Buffer.from('2.0\n')],
      ['data.tar', Buffer.alloc(100)],
    ]);
    await writeFile(cut, whole.subarray(0, whole.length - 50));

    await expect(read(noAr)).rejects.toThrow('no_ar.deb is not a Debian package');
    await expect(read(await debOf(['control.tar', Buffer.from('')]))).rejects.toThrow(
      'has no member data.tar',
    );
    await expect(read(cut)).rejects.toThrow('cut.deb is damaged');
  });
});
