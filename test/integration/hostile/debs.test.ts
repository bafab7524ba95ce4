import {execFileSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {makeFixtureProject} from '../../support/fixture-project.js';
import {gzipBomb, wideZstd, xzBomb, zstdBomb} from '../../support/hostile/bombs.js';
import {CallServer} from '../../support/hostile/call-server.js';
import {expectTame, runMeasured, type Measured} from '../../support/hostile/measured.js';
import {endOfTar, gnuLong, pax, rawTar} from '../../support/hostile/raw-tar.js';
import {hostileTars, loudTars} from '../../support/hostile/tars.js';
import {byScale, scale} from '../../support/scale.js';
import {makeAr} from '../../unit/debian/deb-builder.js';

const script = path.resolve(import.meta.dirname, '../../support/hostile/unpack-debs.mjs');

let folder: string;
let rootPath: string;
let runs = 0;
let server: CallServer;
beforeAll(async () => {
  server = new CallServer(script);
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-hostile-'));
});
beforeEach(async () => {
  runs += 1;
  rootPath = path.join(folder, String(runs), 'root');
  await mkdir(rootPath, {recursive: true});
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, {recursive: true, force: true});
});

const outside = path.join(os.tmpdir(), `ampoule-evil-${process.pid}`);
const place = {folder: './usr', outside};

function debOf(name: string, data: Buffer): Buffer {
  return makeAr([
    ['debian-binary', Buffer.from('2.0\n')],
    ['control.tar.gz', gzipSync(endOfTar)],
    [name, data],
  ]);
}

/** In a process of its own. */
const runAlone = (...argv: readonly string[]) => runMeasured([script, ...argv]);
/** In a process with other packages, unless everything is asked for. */
const run = (...argv: readonly string[]) =>
  scale === 'full' ? runAlone(...argv) : server.run(argv);

/** Unpacks a package and sees that nothing was written beside the root. */
async function unpack(deb: Buffer, call = run): Promise<Measured> {
  const own = path.dirname(rootPath);
  const file = path.join(own, 'evil0_1_all.deb');
  await writeFile(file, deb);
  const result = await call(rootPath, 'rootfs', 'merged', file);
  expect((await readdir(own)).toSorted()).toEqual([path.basename(file), 'root']);
  expect(existsSync(outside)).toBe(false);
  return result;
}

const diskUse = () =>
  Number(execFileSync('du', ['-sm', rootPath], {encoding: 'utf8'}).split('\t')[0]);

describe('a hostile package', () => {
  it.each(Object.entries(hostileTars(place)))('with %s is refused', async (_title, {bytes}) => {
    const result = await unpack(debOf('data.tar', bytes));

    expectTame(result, [1]);
    expect(result.stderr).toMatch(/^E_DEB .*evil0/s);
  });

  it.each(Object.entries(loudTars(place)))(
    'with %s reaches no terminal raw',
    async (_title, bytes) => {
      const result = await unpack(debOf('data.tar', bytes));

      expectTame(result, [1]);
      expect(result.stderr).not.toMatch(/\nampoule: all is well|\u202e/);
    },
  );

  it('loses the bits that give rights away', async () => {
    const tar = rawTar(
      {name: './usr/su', mode: 0o6755, content: 'x'},
      {name: './usr/d/', type: '5', mode: 0o1777},
    );

    expectTame(await unpack(debOf('data.tar', Buffer.concat([tar, endOfTar]))), [0]);

    expect((await stat(path.join(rootPath, 'usr/su'))).mode & 0o7000).toBe(0);
    expect((await stat(path.join(rootPath, 'usr/d'))).mode & 0o7000).toBe(0);
  });

  it.each<readonly [string, Buffer]>([
    ['is empty', Buffer.alloc(0)],
    ['is a page', Buffer.from('<html>log in</html>')],
    ['ends within the first header of ar', debOf('data.tar', endOfTar).subarray(0, 40)],
    ['ends within the last member', debOf('data.tar', endOfTar).subarray(0, -600)],
    ['claims 10 GB in a header of ar', claimInAr('9999999999')],
    ['claims a negative size in a header of ar', claimInAr('-1')],
    ['has no data', makeAr([['debian-binary', Buffer.from('2.0\n')]])],
    [
      'has a hundred thousand members',
      makeAr([
        ['debian-binary', Buffer.alloc(0)],
        ...Array.from({length: 100_000}, () => ['x', Buffer.alloc(0)] as const),
      ]),
    ],
    [
      'has its parts in another order',
      makeAr([
        ['data.tar', endOfTar],
        ['debian-binary', Buffer.from('2.0\n')],
      ]),
    ],
    ['has half a gzip', debOf('data.tar.gz', gzipSync(Buffer.alloc(1 << 16, 'x')).subarray(0, 40))],
    ['has an empty xz', debOf('data.tar.xz', Buffer.alloc(0))],
    ['has an empty zstd', debOf('data.tar.zst', Buffer.alloc(0))],
    ['has a zstd window of 1 GiB', debOf('data.tar.zst', wideZstd(30, 100))],
    ['has a zstd window of 2 TiB', debOf('data.tar.zst', wideZstd(41, 100))],
    ['has an xz dictionary of 4 GiB', debOf('data.tar.xz', wideXz())],
  ])('that %s is refused', async (_title, bytes) => {
    const result = await unpack(bytes);

    expectTame(result, [1]);
    expect(result.stderr).toMatch(/^E_DEB .*evil0/s);
  });
});

/** The header of ar's last member with another size. */
function claimInAr(size: string): Buffer {
  const deb = debOf('data.tar', endOfTar);
  deb.write(size.padEnd(10), deb.lastIndexOf('data.tar') + 48);
  return deb;
}

/** The dictionary's size is the last byte of the filter, and a checksum follows. */
function wideXz(): Buffer {
  const bytes = xzBomb(Buffer.from('x'), 0);
  bytes.writeUInt8(40, 16);
  bytes.writeUInt32LE(crc32(bytes.subarray(12, 20)), 20);
  return bytes;
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const mebibytes = 5 << 10;
const claim = rawTar({name: './usr/zeros', size: mebibytes * (1 << 20)});
const whole = Buffer.concat([rawTar({name: './usr/x', content: 'x'}), endOfTar]);

describe('a package that is a compression bomb', () => {
  it.each<readonly [string, string, () => Buffer]>([
    ['of 5 GiB in one file, as gzip', 'data.tar.gz', () => gzipBomb(claim, mebibytes)],
    ['of 5 GiB in one file, as xz', 'data.tar.xz', () => xzBomb(claim, mebibytes)],
    ['of 5 GiB in one file, as zstd', 'data.tar.zst', () => zstdBomb(claim, mebibytes)],
    ['of zeros behind the end of the tar, as gzip', 'data.tar.gz', () => gzipBomb(whole, 64 << 10)],
    ['of zeros behind the end of the tar, as xz', 'data.tar.xz', () => xzBomb(whole, 64 << 10)],
    [
      'of zeros behind the end of the tar, as zstd',
      'data.tar.zst',
      () => zstdBomb(whole, 512 << 10),
    ],
  ])('%s is refused, and fills no disk', async (_title, name, make) => {
    const result = await unpack(debOf(name, make()), runAlone);

    expectTame(result, [1]);
    expect(result.stderr).toMatch(/^E_DEB .*evil0/s);
    expect(diskUse()).toBeLessThan(10);
  });

  it.each<readonly [string, (index: number) => Buffer, number]>([
    [
      'a million members',
      (index) => rawTar({name: `./usr/${index % 1000}/`, type: '5'}),
      byScale({usual: 210_000, full: 1_000_000}),
    ],
    [
      'long names',
      (index) =>
        rawTar(gnuLong(`./usr/${index}/${'n'.repeat(200)}/`.repeat(15)), {name: 'x', type: '5'}),
      byScale({usual: 25_000, full: 50_000}),
    ],
    [
      'large pax headers',
      (index) => rawTar(pax({[`key${'k'.repeat(3_000_000)}`]: String(index)}), {name: './usr/x'}),
      byScale({usual: 30, full: 300}),
    ],
  ])('of %s is refused', async (_title, member, count) => {
    const tar = Buffer.concat([
      ...Array.from({length: count}, (_, index) => member(index)),
      endOfTar,
    ]);

    const result = await unpack(debOf('data.tar.gz', gzipSync(tar, {level: 1})), runAlone);

    expectTame(result, [1]);
    expect(result.stderr).toMatch(/^E_DEB .*evil0/s);
  });
});

describe('a build with a hostile package in its image', () => {
  it('ends with code 1, names the package, and publishes nothing of it', async () => {
    await using project = await makeFixtureProject();
    const tars = hostileTars(place);
    const evil = debOf('data.tar', tars['a file through a link']?.bytes ?? Buffer.alloc(0));
    const lock = path.join(project.folder, 'docker/build/image.lock.json');
    const text = await readFile(lock, 'utf8');
    const digest = sha256(evil);
    const edited = text.replace(/amd64 [0-9a-f]{64} \d+/, `amd64 ${digest} ${evil.length}`);
    expect(edited).not.toBe(text);
    await writeFile(lock, edited);
    await writeFile(path.join(project.store, 'v1/sources', digest), evil);

    const {code, stderr} = await project.ampoule([
      'build',
      '--output',
      path.join(project.folder, 'dist'),
    ]);

    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/Stage rootfs\/build failed: The package \S+ cannot be unpacked/);
    const published = path.join(project.store, 'v1/artifacts');
    for (const artifact of await readdir(published).catch(() => [])) {
      expect(existsSync(path.join(published, artifact, 'usr/out'))).toBe(false);
    }
    expect(await readdir(path.join(project.store, 'v1/tmp')).catch(() => [])).toEqual([]);
  });
});
