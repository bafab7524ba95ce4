import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {sha256, type JsonValue} from '../../../src/core/digest.js';
import type {HostFunction, HostFunctionContext} from '../../../src/core/host-function.js';
import {glibcFloorFunction} from '../../../src/elf/host-function.js';

const usual = {
  floor: '2.17',
  multiarch: 'x86_64-linux-gnu',
  loader: 'ld-linux-x86-64.so.2',
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'glibc-floor-'));
});
afterEach(() => rm(folder, {recursive: true, force: true}));

const sonames = [
  ...['libanl.so.1', 'libc.so.6', 'libcrypt.so.1', 'libdl.so.2', 'libm.so.6'],
  ...['libpthread.so.0', 'libresolv.so.2', 'librt.so.1', 'libutil.so.1'],
];

/** A suite whose libraries are all the small one of the fixtures, which has the soname libfloor.so.1. */
async function makeSuite({multiarch, loader} = usual): Promise<string> {
  const suite = path.join(folder, 'suite');
  const libraries = path.join(suite, 'lib', multiarch);
  const development = path.join(suite, 'usr/lib', multiarch);
  const include = path.join(suite, 'usr/include/sys');
  for (const made of [libraries, development, include]) await mkdir(made, {recursive: true});
  const library = new URL('./fixtures/libfloor.so', import.meta.url);
  for (const soname of [...sonames, loader]) await copyFile(library, path.join(libraries, soname));
  await writeFile(path.join(development, 'libc.so'), 'GROUP ( /lib/libfloor.so.1 )\n');
  await writeFile(
    path.join(development, 'libm.so'),
    'GROUP ( /lib/libfloor.so.1 AS_NEEDED ( /lib/libmvec.so.1 ) )\n',
  );
  await writeFile(path.join(include, 'a.h'), 'int __REDIRECT (plain, (int), new);\n');
  await writeFile(path.join(include, 'b.h'), 'int plain (int);\n');
  return suite;
}

async function run(parameters: JsonValue, suite = makeSuite()): Promise<string> {
  const outputPath = path.join(folder, 'out');
  await mkdir(outputPath);
  const context: HostFunctionContext = {
    sources: new Map(),
    inputs: new Map([['suite', await suite]]),
    digests: new Map(),
    outputPath,
    log: () => undefined,
    signal: new AbortController().signal,
  };
  await (glibcFloorFunction as HostFunction).run(parameters, context);
  return outputPath;
}

async function textsOf(output: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(output, {recursive: true, withFileTypes: true});
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(output, path.join(entry.parentPath, entry.name)))
    .sort();
  return new Map(
    await Promise.all(
      files.map(async (name) => [name, await readFile(path.join(output, name), 'utf8')] as const),
    ),
  );
}

describe('the host function glibc-floor', () => {
  it('writes the sources of the libraries, the scripts, config.site and the headers that change', async () => {
    const texts = await textsOf(await run(usual));

    expect([...texts.keys()]).toEqual([
      'config.site',
      'include/sys/a.h',
      'libraries/libfloor.so.1.map',
      'libraries/libfloor.so.1.s',
      'scripts/libc.so',
      'scripts/libm.so',
    ]);
    expect(texts.get('include/sys/a.h')).toBe('int __REDIRECT (plain, (int), plain);\n');
    expect(texts.get('scripts/libm.so')).toBe('GROUP ( /lib/libfloor.so.1  )\n');
    expect(texts.get('config.site')).toMatch(/\nac_cv_func_new=no\nac_cv_func_other=no\n$/);
  });

  it('leaves libm.so alone where it is a link, as on most targets', async () => {
    const suite = await makeSuite();
    const link = path.join(suite, 'usr/lib/x86_64-linux-gnu/libm.so');
    await rm(link);
    await symlink('../../../lib/x86_64-linux-gnu/libm.so.6', link);

    const texts = await textsOf(await run(usual, Promise.resolve(suite)));

    expect([...texts.keys()].filter((name) => name.startsWith('scripts/'))).toEqual([
      'scripts/libc.so',
    ]);
  });

  it('does without libcrypt, and without no other library', async () => {
    const suite = await makeSuite();
    await rm(path.join(suite, 'lib/x86_64-linux-gnu/libcrypt.so.1'));
    await run(usual, Promise.resolve(suite));
    await rm(path.join(suite, 'lib/x86_64-linux-gnu/libanl.so.1'));
    await rm(path.join(folder, 'out'), {recursive: true});

    await expect(run(usual, Promise.resolve(suite))).rejects.toThrow(
      /libanl\.so\.1 in the output of suite is missing/,
    );
  });

  it('finds the libraries and the loader of another target', async () => {
    const parameters = {
      floor: '2.17',
      multiarch: 'aarch64-linux-gnu',
      loader: 'ld-linux-aarch64.so.1',
    };

    const texts = await textsOf(await run(parameters, makeSuite(parameters)));

    expect([...texts.keys()]).toContain('libraries/libfloor.so.1.s');
  });

  it('raises its revision when equal inputs give other bytes', async () => {
    const texts = await textsOf(await run(usual));

    const digest = sha256(JSON.stringify([...texts]));
    expect([glibcFloorFunction.revision, digest]).toMatchInlineSnapshot(`
      [
        7,
        "87f6530349c7f1cab7becd8a52f8657757ead1409ab2500f3d614517e05ea316",
      ]
    `);
  });

  it('is a defect of the caller with parameters of another form', async () => {
    await expect(run({floor: '2.17'})).rejects.toThrow(/^parameters of glibc-floor: multiarch: /);
  });
});
