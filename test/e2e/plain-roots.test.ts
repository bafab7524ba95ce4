import {copyFile, mkdir, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {mergeTrees} from '../../src/executor/merge-trees.js';
import {archiveCases} from '../support/archive/archives.js';
import {run} from '../support/archive/run.js';
import {openSandboxTool} from '../support/archive/small-root.js';
import {makeScratch, removeScratch} from '../support/archive/unpack.js';
import {plainImage} from '../support/images.js';
import {openRealSysroot} from '../support/real-sysroot.js';
import {byScale} from '../support/scale.js';

const project = path.resolve(import.meta.dirname, '../..');

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
  let rootPath: string;
  let enter: readonly string[];

  beforeAll(async () => {
    rootPath = path.join(scratch, `root of ${suite} ${without.length}`);
    const image = await plainImage(suite);
    await mergeTrees(rootPath, [image.hostPath], {guestPath: '/'});
    for (const name of without) await rm(path.join(rootPath, name), {recursive: true, force: true});
    const tool = await openSandboxTool();
    const archives = path.dirname(archiveCases()[0]?.[1].full ?? '');
    for (const folder of [tmpdir(), project, archives]) {
      await mkdir(path.join(rootPath, folder), {recursive: true});
    }
    enter = [
      ...['/usr/bin/env', '-C', tool.directory, tool.command],
      ...tool.leadingArguments,
      ...['--unshare-all', '--die-with-parent', '--ro-bind', rootPath, '/'],
      ...['--dev', '/dev', '--proc', '/proc', '--ro-bind', project, project],
      ...['--ro-bind', archives, archives, '--bind', tmpdir(), tmpdir()],
    ];
  });

  const inRoot = (...argv: readonly string[]) => run(enter[0] ?? '', [...enter.slice(1), ...argv]);

  it(`has glibc ${glibc}, and not what it shall do without`, async () => {
    const {stdout} = await inRoot('/usr/bin/ldd', '--version');
    expect(stdout.split('\n')[0]).toContain(` ${glibc}`);
    for (const name of without) {
      expect((await inRoot('/bin/ls', `/${name}`)).exit).not.toBe(0);
    }
  });

  it('runs a C program with constructors, threads, dlopen and stat, built as CPython is', async () => {
    const {exit, stdout, stderr} = await inRoot(program);
    expect({exit, stdout, stderr}).toEqual({exit: 0, stdout: `1 1 ${program}\n`, stderr: ''});
  });

  it('passes what archives are tested with', async () => {
    const argv = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'e2e', ...archiveTests];
    const finished = await run(process.execPath, argv, {
      cwd: project,
      env: {...inherited(), AMPOULE_E2E_ENTER: JSON.stringify(enter)},
      timeoutMs: 1_700_000,
    });
    expect(finished.exit === 0 ? '' : finished.stdout.slice(-6000) + finished.stderr).toBe('');
  });
});

/** What finds the archives and the images that are unpacked already. */
function inherited(): Readonly<Record<string, string>> {
  const names = ['HOME', 'TMPDIR', 'AMPOULE_STORE', 'AMPOULE_E2E_DIST', 'AMPOULE_DEBIAN_MIRROR'];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
