import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {existsSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {gzipBomb, wideZstd, zstdBomb} from '../../support/hostile/bombs.js';
import {CallServer} from '../../support/hostile/call-server.js';
import {expectTame, runMeasured, type Measured} from '../../support/hostile/measured.js';
import {endOfTar, gnuLong, pax, rawTar} from '../../support/hostile/raw-tar.js';
import {hostileTars, loudTars} from '../../support/hostile/tars.js';
import {pythonJsonMember} from '../../support/hostile/bodies.js';
import {byScale, scale} from '../../support/scale.js';

const main = path.resolve(import.meta.dirname, '../../../lib/cli/main.js');
const commands = path.resolve(import.meta.dirname, '../../support/hostile/serve-commands.mjs');

let folder: string;
let temporary: string;
let server: CallServer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-hostile-'));
  temporary = path.join(folder, 'tmp');
  await mkdir(temporary);
  server = new CallServer(commands, {TMPDIR: temporary});
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, {recursive: true, force: true});
});

const outside = path.join(os.tmpdir(), `ampoule-evil-${process.pid}`);
const place = {folder: 'python/install', outside};
/** In a process of its own. */
const runAlone = (...argv: readonly string[]) => runMeasured([main, ...argv], {TMPDIR: temporary});
/** In a process with other command lines, unless everything is asked for. */
const run = (...argv: readonly string[]) =>
  scale === 'full' ? runAlone(...argv) : server.run(argv);

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

/** An archive to compare hostile ones with. */
const writeSound = () =>
  write('sound.tar.gz', gzipSync(Buffer.concat([rawTar(pythonJsonMember), endOfTar])));

const kinds = ['inspect', 'validate', 'test', 'diff'] as const;

/** The commands that read an archive, each with the exit codes of a refusal and of a look that found nothing to refuse. */
async function runAll(
  file: string,
  runOne = run,
): Promise<Readonly<Record<(typeof kinds)[number], Measured>>> {
  const sound = await writeSound();
  return {
    inspect: await runOne('inspect', '--elf', file),
    validate: await runOne('validate', file),
    test: await runOne('test', file),
    diff: await runOne('diff', sound, file),
  };
}

/** A reader that only looks may say what it sees; one that unpacks must refuse. */
async function expectRefused(file: string, isDamaged: boolean, runOne = run): Promise<void> {
  const {inspect, validate, test, diff} = await runAll(file, runOne);

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

const mebibytes = 5 << 10;
const claim = mebibytes * (1 << 20);
const wholeFile = (name: string) => rawTar(pythonJsonMember, {name, size: claim, mode: 0o755});
const elfHead = Buffer.from('7f454c4602010100', 'hex');

describe('a compression bomb', () => {
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
    await expectRefused(await write('x.tar.gz', make()), true, runAlone);
  });

  // Below every limit for the whole, and too large to be held in memory.
  const large = byScale({usual: 160, full: 900});
  const allowed = byScale({usual: 220, full: 400});
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

    expectTame(await runAlone('inspect', '--elf', file), [0, 2], allowed);
    expectTame(await runAlone('validate', file), [1, 2], allowed);
    expectTame(await runAlone('diff', file, other), [1, 2], allowed);
    await expectNothingLeft();
  });
});

function wholeEnd(): Buffer {
  return Buffer.concat([rawTar(pythonJsonMember), endOfTar]);
}

interface GreatMany {
  readonly what: string;
  readonly count: number;
  readonly member: (index: number) => Buffer;
  /** A hundred thousand files or folders are on the disk before the reader refuses more of them: seconds of work. */
  readonly fillsDisk?: true;
}

const greatMany: readonly GreatMany[] = [
  {
    what: 'a million members',
    count: byScale({usual: 60_000, full: 1_000_000}),
    member: (index) => rawTar({name: `python/${index}`}),
    fillsDisk: true,
  },
  {
    what: 'long names',
    count: byScale({usual: 20_000, full: 100_000}),
    member: (index) => rawTar(gnuLong(`python/${index}/${'n'.repeat(4000)}`), {name: 'python/x'}),
  },
  {
    what: 'deep folders',
    count: byScale({usual: 5_000, full: 190_000}),
    member: (index) => rawTar({name: `python/${index}/a/b/c/d/e/f/g/h/i/j/k/l`}),
    fillsDisk: true,
  },
  {
    what: 'large pax headers',
    count: byScale({usual: 30, full: 300}),
    member: (index) =>
      rawTar(pax({[`key${'k'.repeat(3_000_000)}`]: String(index)}), {name: `python/${index}`}),
  },
  {
    what: 'links that lead to one another',
    count: byScale({usual: 1_000, full: 40_000}),
    member: (index) =>
      rawTar({
        name: `python/${index}`,
        type: '2',
        link: `${index + 1}/../`.repeat(6) + String(index + 1),
      }),
  },
];

describe('an archive of a great many things', () => {
  it.each(greatMany.map((each) => [each.what, each] as const))(
    'such as %s takes bounded memory and time',
    async (_what, {count, member, fillsDisk}) => {
      const members = Array.from({length: count}, (_, index) => member(index));
      const tar = Buffer.concat([rawTar(pythonJsonMember), ...members, endOfTar]);
      const file = await write('x.tar.gz', gzipSync(tar, {level: 1}));
      const sound = await writeSound();

      expectTame(await runAlone('inspect', '--elf', file), [0, 2]);
      expectTame(await runAlone('validate', file), [1, 2]);
      expectTame(await runAlone('diff', sound, file), [1, 2]);
      if (scale === 'full' || fillsDisk !== true) expectTame(await runAlone('test', file), [2]);
      await expectNothingLeft();
    },
  );
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
