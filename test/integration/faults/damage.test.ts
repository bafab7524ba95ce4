import {execFileSync} from 'node:child_process';
import {cp, open, readdir, readFile, rm, stat, truncate, utimes, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {makeFaultProject, type FaultProject} from '../../support/faults/fault-project.js';

let project: FaultProject;
/** Holds a whole build; each test has a copy. */
let whole: string;
let store: string;
let wanted: Buffer;

beforeAll(async () => {
  project = await makeFaultProject();
  whole = store = await project.newStore('whole');
  const {code} = await build('one');
  expect(code).toBe(0);
  wanted = await archive('one');
});

beforeEach(async () => {
  store = path.join(project.folder, 'store');
  await rm(store, {recursive: true, force: true});
  await cp(whole, store, {recursive: true, preserveTimestamps: true, verbatimSymlinks: true});
  project.requests.length = 0;
});

afterAll(() => project[Symbol.asyncDispose]());

const build = (variant: string) => project.build({store, variant, stageSeconds: 0});
const archive = (variant: string) =>
  readFile(path.join(project.folder, 'dist', `fixture-${variant}.tar`));

/** Turns one bit, and leaves size and time as they were. */
async function flipBit(file: string): Promise<void> {
  const {atime, mtime, size} = await stat(file);
  const at = Math.floor(size / 2);
  await using handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  await handle.write(byte, 0, 1, at);
  await utimes(file, atime, mtime);
}

const shorten = async (file: string) => truncate(file, Math.floor((await stat(file)).size / 2));

async function record(stage: string, index = 'newest'): Promise<{file: string; artifact: string}> {
  const folder = path.join(store, 'v1/records', index);
  for (const name of await readdir(folder)) {
    const file = path.join(folder, name);
    const text = JSON.parse(await readFile(file, 'utf8')) as {stage: string; artifact: string};
    if (text.stage === stage) {
      return {file, artifact: path.join(store, 'v1/artifacts', text.artifact)};
    }
  }
  throw new Error(`no record of ${stage}`);
}

const dist = () => path.join(project.folder, 'dist');
const checkSums = (): string =>
  execFileSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {
    cwd: dist(),
    encoding: 'utf8',
  });

describe('a delivered archive', () => {
  it.each(['remembered from an earlier build', 'delivered just now'])(
    'with a flipped bit, and %s, is said and replaced, whatever its size and time',
    async (what) => {
      await build('one');
      // Until its times are older than what was read of it.
      if (what.startsWith('remembered')) {
        await sleep(2100);
        await build('one');
      }
      await flipBit(path.join(dist(), 'fixture-one.tar'));

      const {code, stderr} = await build('one');

      expect(stderr).toMatch(
        /^damaged +\/.*fixture-one\.tar: SHA256SUMS has [0-9a-f]{12}, found [0-9a-f]{12}; it is copied again$/m,
      );
      expect(code).toBe(0);
      expect((await archive('one')).equals(wanted)).toBe(true);
      expect(checkSums()).toBe('fixture-one.tar: OK\n');
    },
  );

  it('has the date of its release, also one from an earlier version', async () => {
    const file = path.join(dist(), 'fixture-one.tar');
    await build('one');
    const first = await stat(file);
    await utimes(file, 951_000_000, 951_000_000);

    const {stderr} = await build('one');

    expect(first.mtimeMs).toBe(1_600_000_000_000);
    expect((await stat(file)).mtimeMs).toBe(1_600_000_000_000);
    expect((await stat(file)).ino).toBe(first.ino);
    expect(stderr).not.toContain('damaged');
  });

  it('has a line in SHA256SUMS beside those of other archives, but not of ones that are gone', async () => {
    await writeFile(path.join(dist(), 'other.tar'), 'other');
    const lines = [
      `${sha256('other')} *other.tar`,
      `${sha256('gone')}  gone.tar`,
      'what nobody understands',
      `${sha256('an older build')}  fixture-one.tar`,
    ];
    await writeFile(path.join(dist(), 'SHA256SUMS'), `${lines.join('\n')}\n`);

    const {code} = await build('one');

    expect(code).toBe(0);
    expect(await readFile(path.join(dist(), 'SHA256SUMS'), 'utf8')).toBe(
      `${sha256(wanted)}  fixture-one.tar\n${sha256('other')}  other.tar\n`,
    );
    await rm(path.join(dist(), 'other.tar'));
  });

  it('of another build is replaced without a word', async () => {
    await writeFile(path.join(dist(), 'fixture-one.tar'), 'another build');
    const line = `${sha256('another build')}  fixture-one.tar\n`;
    await writeFile(path.join(dist(), 'SHA256SUMS'), line);

    const {code, stderr} = await build('one');

    expect(code).toBe(0);
    expect(stderr).not.toContain('damaged');
    expect((await archive('one')).equals(wanted)).toBe(true);
    expect(checkSums()).toBe('fixture-one.tar: OK\n');
  });
});

const verify = () => project.ampoule(['store', 'verify', '--store', store]);

describe.each([
  ['a flipped bit', flipBit],
  ['a lost half', shorten],
])('%s', (_what, damage) => {
  it.each([
    ['rootfs/build', 'usr/bin/busybox'],
    ['part/alpha', 'lib/alpha.bin'],
  ])(
    'in the artifact of %s is found and mended before another stage reads it',
    async (stage, file) => {
      const {artifact} = await record(stage);
      await damage(path.join(artifact, file));

      const verified = await verify();
      const {code, stderr} = await build('two');

      expect(verified.code).toBe(1);
      expect(verified.stdout).toContain(`damaged artifact ${stage}`);
      expect(stderr).toMatch(new RegExp(`^damaged +artifact of ${stage}: expected digest`, 'm'));
      expect(stderr).toMatch(new RegExp(`^built +${stage} `, 'm'));
      expect(code).toBe(0);
      expect((await verify()).code).toBe(0);
    },
  );

  it('in a finished archive never reaches the output folder', async () => {
    await rm(path.join(project.folder, 'dist'), {recursive: true});
    const {artifact} = await record('archive/one');
    await damage(path.join(artifact, 'fixture-one.tar'));

    const {code, stderr} = await build('one');

    expect(stderr).toMatch(/^damaged +artifact of archive\/one: expected digest/m);
    expect(code).toBe(0);
    expect((await archive('one')).equals(wanted)).toBe(true);
    expect((await verify()).code).toBe(0);
  });

  it('in the image of the sandbox is found before the sandbox is used', async () => {
    const {artifact} = await record('rootfs/sandbox');
    await damage(path.join(artifact, 'usr/bin/bwrap'));

    const {code, stderr} = await build('two');

    expect(stderr).toMatch(/^damaged +artifact of rootfs\/sandbox: expected digest/m);
    expect(code).toBe(0);
  });

  it('in a source is found by the stage that reads it, which fetches it again', async () => {
    const sources = path.join(store, 'v1/sources');
    const names = await readdir(sources);
    const sizes = await Promise.all(
      names.map(async (name) => (await stat(path.join(sources, name))).size),
    );
    const alpha = names[sizes.indexOf('alpha.bin '.length * 20_000)] ?? '';
    await damage(path.join(sources, alpha));
    const {file, artifact} = await record('part/alpha', 'stage-key');
    await rm(file);
    await rm((await record('part/alpha', 'resolved-key')).file);
    await rm(artifact, {recursive: true});

    const verified = await verify();
    const {code, stderr} = await build('one');

    expect(verified.stdout).toContain('damaged source');
    expect(stderr).toMatch(/^damaged +source alpha\.bin: expected sha256/m);
    expect(project.requests.filter((name) => name === 'alpha.bin')).toHaveLength(1);
    expect(code).toBe(0);
    expect((await archive('one')).equals(wanted)).toBe(true);
    expect((await verify()).code).toBe(0);
  });

  it('in a record is found by the build that reads it, which writes it anew', async () => {
    await damage((await record('part/alpha', 'stage-key')).file);

    const verified = await verify();
    const {code, stderr} = await build('one');

    expect(verified.stdout).toContain('damaged record');
    expect(stderr).toMatch(/^damaged +record stage-key\//m);
    expect(stderr).not.toMatch(/^start/m);
    expect(code).toBe(0);
    expect((await verify()).code).toBe(0);
  });

  it('in all records of a stage makes it run again', async () => {
    for (const index of ['stage-key', 'resolved-key', 'newest']) {
      await damage((await record('part/alpha', index)).file);
    }

    const {code, stderr} = await build('one');

    expect(stderr).toMatch(/^damaged +record stage-key\//m);
    expect(stderr).toMatch(/^built +part\/alpha/m);
    expect(code).toBe(0);
    expect((await verify()).code).toBe(0);
  });

  it('in a text is found by `store verify`, and a build brings the text back', async () => {
    const texts = path.join(store, 'v1/texts');
    const [first = ''] = await readdir(texts);
    await damage(path.join(texts, first));

    const verified = await verify();
    const repaired = await project.ampoule(['store', 'verify', '--repair', '--store', store]);
    const {code} = await build('one');

    expect(verified.stdout).toContain('damaged text');
    expect(repaired.code).toBe(0);
    expect(code).toBe(0);
    expect(await readdir(texts)).toContain(first);
    expect((await verify()).code).toBe(0);
  });
});

describe('an artifact that is damaged and whose records are gone', () => {
  it('is replaced by the one that the next build makes', async () => {
    const {artifact} = await record('part/alpha');
    for (const index of ['stage-key', 'resolved-key', 'newest']) {
      await rm((await record('part/alpha', index)).file);
    }
    await flipBit(path.join(artifact, 'lib/alpha.bin'));

    const {code, stderr} = await build('one');

    expect(stderr).toMatch(/^built +part\/alpha/m);
    expect(code).toBe(0);
    expect((await verify()).code).toBe(0);
  });
});
