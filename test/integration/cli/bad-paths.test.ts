import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {makeFakeDistribution} from '../../support/fake-distribution.js';
import {startCommand, type CommandResult} from '../../support/fixture-project.js';
import {makeArchive} from '../../support/make-archive.js';

const main = path.resolve(import.meta.dirname, '../../../lib/cli/main.js');
/** Long before a test gives up: what spins must not outlive it. */
const endsWithinSeconds = '20';
let scratch: string;

beforeEach(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'ampoule-paths-'));
});

afterEach(() => rm(scratch, {recursive: true, force: true}));

const inScratch = (name: string) => path.join(scratch, name);

const ampoule = (...words: readonly string[]): Promise<CommandResult> => {
  const environment = {...process.env, AMPOULE_STORE: undefined, TMPDIR: scratch, HOME: scratch};
  const command = [...['timeout', '-s', 'KILL', endsWithinSeconds], process.execPath, main];
  return startCommand([...command, ...words], environment).result;
};

describe('a folder that nobody can make', () => {
  it.each([
    ['the store, below /proc', ['plan', '--store', '/proc/x'], /--store: .*\/proc\/x.*ENOENT/],
    ['the store, deep below /proc', ['plan', '--store', '/proc/x/y/z'], /--store: .*\/proc\/x/],
    ['the store, below a file', ['plan', '--store', '/etc/passwd/x'], /--store: .*ENOTDIR/],
    ['the output, below /proc', ['build', '--output', '/proc/x'], /--output: .*\/proc\/x.*ENOENT/],
  ])('%s', async (_title, words, message) => {
    const [command = '', ...options] = words;

    const {code, stderr} = await ampoule(command, '--store', inScratch('store'), ...options);

    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringMatching(message) as string});
  });
});

describe('a store that is not there', () => {
  it.each([
    'log',
    'log zlib',
    'why zlib',
    'store path',
    'store path zlib',
    'store verify',
    'store gc',
  ])('is not made by ampoule %s', async (words) => {
    const store = inScratch('typo');

    const {code, stderr} = await ampoule(...words.split(' '), '--store', store);

    expect(code).toBe(2);
    expect(stderr).toContain(`--store: there is no store at ${store}`);
    expect(await readdir(scratch)).not.toContain('typo');
  });

  it('is made by plan', async () => {
    await ampoule('plan', '--sources', 'debian', '--store', inScratch('new'));

    expect(await readdir(inScratch('new'))).toEqual(['v1']);
  });
});

describe('a path that is no archive', () => {
  const commands = [['inspect'], ['diff', 'good.tar.gz'], ['validate'], ['test']];

  beforeEach(async () => {
    await makeFakeDistribution(inScratch('good.tar.gz'));
    await mkdir(inScratch('folder'));
    await writeFile(inScratch('empty.tar.zst'), '');
    await makeArchive(inScratch('stranger.tar.gz'), [['project-1.0/README', 'not a Python']]);
  });

  const run = (words: readonly string[], name: string) => {
    const paths = words.slice(1).map(inScratch);
    return ampoule(words[0] ?? '', ...paths, inScratch(name));
  };

  it.each(commands)('an empty file: %s', async (...words) => {
    const {code, stderr} = await run(words, 'empty.tar.zst');

    expect({code, stderr}).toEqual({
      code: 2,
      stderr: expect.stringContaining('is empty') as string,
    });
  });

  it.each(commands.slice(1, 3))('a folder: %s', async (...words) => {
    const {code, stderr} = await run(words, 'folder');

    expect(code).toBe(2);
    expect(stderr).toMatch(/folder: is a folder, expected an archive/);
  });

  it.each(commands.slice(0, 2))("a stranger's archive: %s", async (...words) => {
    const {code, stderr} = await run(words, 'stranger.tar.gz');

    expect(code).toBe(2);
    expect(stderr).toMatch(/stranger\.tar\.gz: .*not a distribution of Python.*expected.*python\//);
  });

  it.each(commands)('no file at all: %s', async (...words) => {
    const {code, stderr} = await run(words, 'nothing.tar.gz');

    expect({code, stderr}).toEqual({code: 2, stderr: expect.stringContaining('ENOENT') as string});
  });
});
