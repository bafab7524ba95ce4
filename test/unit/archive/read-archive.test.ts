import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {buffer} from 'node:stream/consumers';
import {gzipSync} from 'node:zlib';
import {pack} from 'tar-stream';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {ArchiveError} from '../../../src/archive/archive-error.js';
import {defaultArchiveLimits, readArchive} from '../../../src/archive/read-archive.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-archive-'));
});

afterEach(() => rm(folder, {recursive: true, force: true}));

async function tarball(): Promise<Buffer> {
  const archive = pack();
  archive.entry({name: 'python/a', mode: 0o644, mtime: new Date(5000)}, 'first');
  archive.entry({name: 'python/link', type: 'symlink', linkname: 'a'});
  archive.entry({name: 'python/big'}, randomBytes(3 << 20));
  archive.finalize();
  return buffer(archive);
}

async function archiveFile(kind: 'gz' | 'zst'): Promise<string> {
  const tar = path.join(folder, 'a.tar');
  await writeFile(tar, await tarball());
  if (kind === 'gz') await writeFile(`${tar}.gz`, gzipSync(await readFile(tar)));
  else execFileSync('zstd', ['-q', '--long=27', tar]);
  return `${tar}.${kind}`;
}

async function namesIn(
  file: string,
  limits?: Parameters<typeof readArchive>[1],
): Promise<string[]> {
  const names: string[] = [];
  for await (const member of readArchive(file, limits)) names.push(member.path);
  return names;
}

describe.each(['gz', 'zst'] as const)('an archive in .tar.%s', (kind) => {
  it('gives its members in order, read or not', async () => {
    const file = await archiveFile(kind);

    const seen: unknown[] = [];
    for await (const member of readArchive(file)) {
      const text = member.path.endsWith('/a') ? (await member.read()).toString() : '';
      seen.push([member.path, member.kind, member.sizeBytes, member.linkTarget, text]);
    }

    expect(seen).toEqual([
      ['python/a', 'file', 5, undefined, 'first'],
      ['python/link', 'symlink', 0, 'a', ''],
      ['python/big', 'file', 3 << 20, undefined, ''],
    ]);
  });

  it('is refused when it ends too early', async () => {
    const file = await archiveFile(kind);
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length / 2));

    await expect(namesIn(file)).rejects.toThrow(ArchiveError);
  });

  it('is refused with the same error when that shows while a member is read', async () => {
    const file = await archiveFile(kind);
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length / 2));

    const readAll = async () => {
      for await (const member of readArchive(file)) await member.read();
    };

    await expect(readAll()).rejects.toThrow(ArchiveError);
  });

  it('is refused when its bytes are damaged', async () => {
    const file = await archiveFile(kind);
    const bytes = await readFile(file);
    const middle = bytes.length >> 1;
    bytes.fill(0x5a, middle, middle + 64);
    await writeFile(file, bytes);

    await expect(namesIn(file)).rejects.toThrow(/cannot be read/);
  });

  it('is refused when it goes over a limit', async () => {
    const file = await archiveFile(kind);
    const generous = {...defaultArchiveLimits, members: 10};

    await expect(namesIn(file, {...generous, members: 2})).rejects.toThrow('more than 2 members');
    await expect(namesIn(file, {...generous, totalBytes: 9})).rejects.toThrow('more than 9 bytes');
    expect(await namesIn(file, generous)).toHaveLength(3);
  });
});

describe('a file that is no archive', () => {
  it('is refused with what was expected', async () => {
    const file = path.join(folder, 'x.tar.zst');
    await writeFile(file, 'no archive at all');

    await expect(namesIn(file)).rejects.toThrow('expected a .tar.zst or a .tar.gz');
    await expect(namesIn(path.join(folder, 'none'))).rejects.toThrow('cannot be opened: ENOENT');
  });
});
