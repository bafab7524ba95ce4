import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {existsSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {gzipBomb, wideZstd, zstdBomb} from '../../support/hostile/bombs.js';
import {expectTame, runMeasured, type Measured} from '../../support/hostile/measured.js';
import {endOfTar, gnuLong, pax, rawTar} from '../../support/hostile/raw-tar.js';
import {hostileTars, loudTars} from '../../support/hostile/tars.js';
import {pythonJsonMember} from '../../support/hostile/bodies.js';

const main = path.resolve(import.meta.dirname, '../../../lib/cli/main.js');

let folder: string;
let temporary: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-hostile-'));
  temporary = path.join(folder, 'tmp');
  await mkdir(temporary);
});
afterAll(() => rm(folder, {recursive: true, force: true}));

const outside = path.join(os.tmpdir(), `ampoule-evil-${process.pid}`);
const place = {folder: 'python/install', outside};
const run = (...argv: readonly string[]) => runMeasured([main, ...argv], {TMPDIR: temporary});

/** Nothing may be left in the folder for temporary files, nor lie where the archive wanted it. */
async function expectNothingLeft(): Promise<void> {
  expect(await readdir(temporary)).toEqual([]);
  expect(existsSync(outside)).toBe(false);
}

async function write(name: string, bytes: Buffer): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
}

const kinds = ['inspect', 'validate', 'test', 'diff'] as const;

/** The commands that read an archive, each with the exit codes of a refusal and of a look that found nothing to refuse. */
async function runAll(file: string): Promise<Readonly<Record<(typeof kinds)[number], Measured>>> {
  const sound = await write(
    'sound.tar.gz',
    gzipSync(Buffer.concat([rawTar(pythonJsonMember), endOfTar])),
  );
  return {
    inspect: await run('inspect', '--elf', file),
    validate: await run('validate', file),
    test: await run('test', file),
    diff: await run('diff', sound, file),
  };
}

/** A reader that only looks may say what it sees; one that unpacks must refuse. */
async function expectRefused(file: string, isDamaged: boolean): Promise<void> {
  const {inspect, validate, test, diff} = await runAll(file);

  expectTame(inspect, isDamaged ? [2] : [0, 2]);
  // A finding is a refusal too.
  expectTame(validate, [1, 2]);
  expectTame(test, [2]);
  expectTame(diff, isDamaged ? [2] : [1, 2]);
  await expectNothingLeft();
}

describe('a hostile archive', () => {
  const tars = Object.entries(hostileTars(place));
  it.each(tars)('with %s is refused', async (_title, {bytes, isDamaged = false}) => {
    const body = Buffer.concat([rawTar(pythonJsonMember), bytes]);

    await expectRefused(await write('x.tar.gz', gzipSync(body)), isDamaged);
  });

  it.each(Object.entries(loudTars(place)))(
    'with %s reaches no terminal raw',
    async (_title, bytes) => {
      const body = Buffer.concat([rawTar(pythonJsonMember), bytes]);

      const results = await runAll(await write('x.tar.gz', gzipSync(body)));

      for (const kind of kinds) {
        expectTame(results[kind], [0, 1, 2]);
        expect(`${results[kind].stdout}\n${results[kind].stderr}`).not.toMatch(
          /\nampoule: all is well|\u202e/,
        );
      }
    },
  );
});

/** Several commands, each of which may take its time on a busy machine. */
const slowMs = 900_000;

const mebibytes = 5 << 10;
const claim = mebibytes * (1 << 20);
const wholeFile = (name: string) => rawTar(pythonJsonMember, {name, size: claim, mode: 0o755});
const elfHead = Buffer.from('7f454c4602010100', 'hex');

describe('a compression bomb', {timeout: slowMs}, () => {
  it.each<readonly [string, () => Buffer]>([
    [
      'of a file that is only copied, as gzip',
      () => gzipBomb(wholeFile('python/install/x'), mebibytes),
    ],
    [
      'of a file that is only copied, as zstd',
      () => zstdBomb(wholeFile('python/install/x'), mebibytes),
    ],
    ['behind the end of the tar, as gzip', () => gzipBomb(wholeEnd(), 64 << 10)],
    ['behind the end of the tar, as zstd', () => zstdBomb(wholeEnd(), 512 << 10)],
    ['of a window of 1 GiB', () => wideZstd(30, 100)],
    ['of a window of 2 TiB', () => wideZstd(41, 100)],
    ['within a bomb', () => gzipSync(gzipBomb(wholeFile('python/install/x'), mebibytes))],
  ])('%s is refused', async (_title, make) => {
    await expectRefused(await write('x.tar.gz', make()), true);
  });

  // Below every limit for the whole, and too large to be held in memory.
  const large = 900;
  const largeFile = (name: string, head = Buffer.alloc(0)) =>
    Buffer.concat([
      rawTar(pythonJsonMember),
      rawTar({name, mode: 0o755, size: large * (1 << 20)}),
      head,
      Buffer.alloc((512 - head.length) % 512),
    ]);
  it.each([
    ['a text', 'python/install/lib/zeros', Buffer.alloc(0)],
    ['PYTHON.json', 'python/PYTHON.json', Buffer.alloc(0)],
    ['a program', 'python/install/bin/python3', elfHead],
    ['a program that is none', 'python/install/bin/python3', Buffer.from('#!/bin/sh\n')],
    ['a shared library', 'python/install/lib/libx.so', elfHead],
    ['a static library', 'python/install/lib/libx.a', Buffer.from('!<arch>\n')],
    ['a licence', 'python/licenses/LICENSE.x.txt', Buffer.alloc(0)],
  ])('in the place of %s takes no memory', async (_title, name, head) => {
    const file = await write('x.tar.zst', zstdBomb(largeFile(name, head), large + 1));
    const other = await write(
      'y.tar.zst',
      zstdBomb(largeFile(name, Buffer.concat([head, Buffer.from('y')])), large + 1),
    );

    expectTame(await run('inspect', '--elf', file), [0, 2]);
    expectTame(await run('validate', file), [1, 2]);
    expectTame(await run('diff', file, other), [1, 2]);
    await expectNothingLeft();
  });
});

function wholeEnd(): Buffer {
  return Buffer.concat([rawTar(pythonJsonMember), endOfTar]);
}

describe('an archive of a great many things', {timeout: slowMs}, () => {
  const members = (count: number, name: (index: number) => Buffer) =>
    Buffer.concat([
      rawTar(pythonJsonMember),
      ...Array.from({length: count}, (_, index) => name(index)),
      endOfTar,
    ]);
  it.each<readonly [string, () => Buffer]>([
    ['a million members', () => members(1_000_000, (index) => rawTar({name: `python/${index}`}))],
    [
      'long names',
      () =>
        members(100_000, (index) =>
          rawTar(gnuLong(`python/${index}/${'n'.repeat(4000)}`), {name: 'python/x'}),
        ),
    ],
    [
      'deep folders',
      () => members(190_000, (index) => rawTar({name: `python/${index}/a/b/c/d/e/f/g/h/i/j/k/l`})),
    ],
    [
      'large pax headers',
      () =>
        members(300, (index) =>
          rawTar(pax({[`key${'k'.repeat(3_000_000)}`]: String(index)}), {name: `python/${index}`}),
        ),
    ],
    [
      'links that lead to one another',
      () =>
        members(40_000, (index) =>
          rawTar({
            name: `python/${index}`,
            type: '2',
            link: `${index + 1}/../`.repeat(6) + String(index + 1),
          }),
        ),
    ],
  ])('such as %s takes bounded memory and time', async (_title, make) => {
    const file = await write('x.tar.gz', gzipSync(make(), {level: 1}));
    const {inspect, validate, test, diff} = await runAll(file);

    expectTame(inspect, [0, 2]);
    expectTame(validate, [1, 2]);
    expectTame(test, [2]);
    expectTame(diff, [1, 2]);
    await expectNothingLeft();
  });
});

describe('a file that is no archive', () => {
  it.each<readonly [string, Buffer]>([
    ['is empty', Buffer.alloc(0)],
    ['is a page', Buffer.from('<html>log in</html>')],
    ['is zip', Buffer.from('PK\x03\x04')],
    ['is gzip of nothing', gzipSync('')],
    ['is gzip of text', gzipSync('hello'.repeat(1000))],
    ['is half of a gzip', gzipSync(Buffer.alloc(100_000, 'x')).subarray(0, 50)],
    ['is the start of a zstd frame', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
    ['is a tar that is not compressed', wholeEnd()],
  ])('and %s is refused', async (_title, bytes) => {
    const {inspect, validate, test, diff} = await runAll(await write('x.tar.gz', bytes));

    expectTame(inspect, [0, 2]);
    expectTame(validate, [1, 2]);
    expectTame(test, [2]);
    expectTame(diff, [1, 2]);
    await expectNothingLeft();
  });
});
