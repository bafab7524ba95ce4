import {copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import type {HostFunction, HostFunctionContext} from '../../../src/core/host-function.js';
import {glibcFloorFunction} from '../../../src/elf/host-function.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'glibc-floor-'));
});
afterEach(() => rm(folder, {recursive: true, force: true}));

const sonames = [
  'ld-linux-x86-64.so.2',
  ...['libanl.so.1', 'libc.so.6', 'libcrypt.so.1', 'libdl.so.2', 'libm.so.6'],
  ...['libpthread.so.0', 'libresolv.so.2', 'librt.so.1', 'libutil.so.1'],
];

/** A suite whose libraries are all the small one of the fixtures, which has the soname libfloor.so.1. */
async function makeSuite(): Promise<string> {
  const suite = path.join(folder, 'suite');
  const libraries = path.join(suite, 'lib/x86_64-linux-gnu');
  const development = path.join(suite, 'usr/lib/x86_64-linux-gnu');
  const include = path.join(suite, 'usr/include/sys');
  for (const made of [libraries, development, include]) await mkdir(made, {recursive: true});
  const library = new URL('./fixtures/libfloor.so', import.meta.url);
  for (const soname of sonames) await copyFile(library, path.join(libraries, soname));
  await writeFile(path.join(development, 'libc.so'), 'GROUP ( /lib/libfloor.so.1 )\n');
  await writeFile(
    path.join(development, 'libm.so'),
    'GROUP ( /lib/libfloor.so.1 AS_NEEDED ( /lib/libmvec.so.1 ) )\n',
  );
  await writeFile(path.join(include, 'a.h'), 'int __REDIRECT (plain, (int), new);\n');
  await writeFile(path.join(include, 'b.h'), 'int plain (int);\n');
  return suite;
}

async function run(parameters: {floor: string; target: string}): Promise<string> {
  const outputPath = path.join(folder, 'out');
  await mkdir(outputPath);
  const context: HostFunctionContext = {
    sources: new Map(),
    inputs: new Map([['suite', await makeSuite()]]),
    digests: new Map(),
    outputPath,
    log: () => undefined,
    signal: new AbortController().signal,
  };
  await (glibcFloorFunction as HostFunction).run(parameters, context);
  return outputPath;
}

const usual = {floor: '2.17', target: 'x86_64-unknown-linux-gnu'};

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

  it('raises its revision when equal inputs give other bytes', async () => {
    const texts = await textsOf(await run(usual));

    const digest = sha256(JSON.stringify([...texts]));
    expect([glibcFloorFunction.revision, digest]).toMatchInlineSnapshot(`
      [
        6,
        "9f304c37e28c2b039cc0e3b4cc44e64572e56335949e040b4e48f5ff07ed76c7",
      ]
    `);
  });

  it('is a defect of the caller with parameters of another form', async () => {
    await expect(run({floor: '2.17', target: 'sparc'})).rejects.toThrow(
      /^parameters of glibc-floor: target: /,
    );
  });
});
