import {copyFile, readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {mergeTrees} from '../../src/executor/merge-trees.js';
import {enterRoot, type EnteredRoot} from '../support/archive/entered-root.js';
import {makeOldGlibcRoot} from '../support/archive/old-glibc.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';
import {plainImage} from '../support/images.js';
import {openRealSysroot} from '../support/real-sysroot.js';
import {byScale} from '../support/scale.js';

/** Test files whose programs run in the root, its own tar, compiler and shell among them. */
const archiveTests = [
  'standard-library',
  'relocation',
  'environments',
  'native-code',
  'newer-functions',
  'lock-clocks',
].map((name) => `test/e2e/${name}.test.ts`);

/** A root by its suite; from the last one a program finds no data of the system. */
const allRoots = [
  {title: 'Debian 11', suite: 'bullseye', glibc: '2.31', without: []},
  {title: 'Debian 12', suite: 'bookworm', glibc: '2.36', without: []},
  {title: 'Debian 13', suite: 'trixie', glibc: '2.41', without: []},
  {title: 'Debian 14', suite: 'forky', glibc: '2.43', without: []},
  {
    title: 'Debian 13 without /usr/share, /etc/ssl and locales',
    suite: 'trixie',
    glibc: '2.41',
    without: ['usr/share', 'etc/ssl', 'usr/lib/locale'],
  },
] as const;

/** The oldest, the newest and the barest, unless all are asked for. */
const roots = allRoots.filter(({suite, without}) =>
  byScale({usual: without.length > 0 || ['bullseye', 'forky'].includes(suite), full: true}),
);

let scratch: string;
let program: string;

beforeAll(async () => {
  scratch = await makeScratch();
  program = path.join(scratch, 'program');
  await using real = await openRealSysroot('2.17');
  const {code, output, outPath} = await real.build(
    '$CC $CFLAGS $CPPFLAGS -D_FILE_OFFSET_BITS=64 $LDFLAGS -pie -o /out/program /src/program.c -lm -lpthread -ldl -lresolv',
    await readFile(new URL('programs/glibc.c', import.meta.url), 'utf8'),
  );
  expect({code, output}).toEqual({code: '0', output: ''});
  await copyFile(path.join(outPath, 'program'), program);
});

afterAll(() => removeScratch(scratch));

describe.each(roots)('the root of $title', ({suite, glibc, without}) => {
  let root: EnteredRoot;

  beforeAll(async () => {
    const rootPath = path.join(scratch, `root of ${suite} ${without.length}`);
    const image = await plainImage(suite);
    await mergeTrees(rootPath, [image.hostPath], {guestPath: '/'});
    for (const name of without) await rm(path.join(rootPath, name), {recursive: true, force: true});
    root = await enterRoot(rootPath);
  });

  it(`has glibc ${glibc}, and not what it shall do without`, async () => {
    const {stdout} = await root.run('/usr/bin/ldd', '--version');
    expect(stdout.split('\n')[0]).toContain(` ${glibc}`);
    for (const name of without) {
      expect((await root.run('/bin/ls', `/${name}`)).exit).not.toBe(0);
    }
  });

  it('runs a C program with constructors, threads, dlopen and stat, built as CPython is', async () => {
    const {exit, stdout, stderr} = await root.run(program);
    expect({exit, stdout, stderr}).toEqual({exit: 0, stdout: `1 1 ${program}\n`, stderr: ''});
  });

  it('passes what archives are tested with', async () => {
    expect(await root.test(archiveTests)).toBe('');
  });
});

describe('a root with the C library of CentOS 7', () => {
  let root: EnteredRoot;

  beforeAll(async () => {
    const rootPath = path.join(scratch, 'root of CentOS 7');
    await makeOldGlibcRoot(rootPath);
    root = await enterRoot(rootPath);
  });

  it('has glibc 2.17', async () => {
    const {stdout} = await root.run('/lib64/libc.so.6');
    expect(stdout).toContain(' stable release version 2.17,');
  });

  it('runs a C program with constructors, threads, dlopen and stat, built as CPython is', async () => {
    const {exit, stdout, stderr} = await root.run(program);
    expect({exit, stdout, stderr}).toEqual({exit: 0, stdout: `1 1 ${program}\n`, stderr: ''});
  });

  it('passes what archives are tested with', async () => {
    // glibc before 2.30 has no way to wait for a semaphore on another clock.
    const files = archiveTests.filter((file) => !file.includes('lock-clocks'));
    expect(await root.test([...files, 'test/e2e/reports.test.ts'])).toBe('');
  });
});
