import {randomBytes} from 'node:crypto';
import {mkdir, mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type * as unpackImageModule from '../../../src/debian/unpack-image.js';
import {normaliseTree} from '../../../src/store/tree.js';
import {writeDeb} from '../../unit/debian/deb-builder.js';

let directory: string;
let compiled: typeof unpackImageModule;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ampoule-threads-'));
  // Threads need compiled code.
  const entry = path.resolve(import.meta.dirname, '../../../lib/debian/unpack-image.js');
  compiled = (await import(entry)) as typeof unpackImageModule;
});
afterAll(() => rm(directory, {recursive: true}));

/** Packages large enough that threads are worth starting. */
async function writePackages(
  name: string,
  conflict: 'same' | 'different',
): Promise<readonly unpackImageModule.PackageFile[]> {
  const folder = path.join(directory, name);
  await mkdir(folder);
  return Promise.all(
    Array.from({length: 3}, async (_, index) => ({
      name: `p${index}`,
      debPath: await writeDeb(folder, `p${index}`, [
        {name: `./usr/lib/big-${index}`, content: randomBytes(4 << 20), mode: 0o644},
        {name: './usr/share/common', content: conflict === 'same' ? 'x' : `x${index}`, mode: 0o644},
        {name: `./usr/share/link-${index}`, type: 'symlink', linkname: 'common'},
      ]),
    })),
  );
}

async function unpack(
  packages: readonly unpackImageModule.PackageFile[],
  threads: number,
  signal = new AbortController().signal,
): Promise<string> {
  const rootPath = await mkdtemp(path.join(directory, 'root-'));
  const content = {exclude: [], files: {}, links: {}, directories: []};
  await compiled.unpackImage({kind: 'rootfs', usr: 'merged', ...content}, packages, {
    rootPath,
    threads,
    signal,
  });
  return rootPath;
}

describe('unpackImage with threads', () => {
  it('gives the same tree with any number of threads and any order of packages', async () => {
    const packages = await writePackages('same', 'same');

    const digests = [
      await normaliseTree(await unpack(packages, 1)),
      await normaliseTree(await unpack(packages, 2)),
      await normaliseTree(await unpack(packages.toReversed(), 4)),
    ];

    expect(new Set(digests).size).toBe(1);
  });

  it('names the packages that differ', async () => {
    const packages = await writePackages('different', 'different');

    await expect(unpack(packages, 3)).rejects.toMatchObject({
      code: 'E_DEB',
      message: expect.stringMatching(
        /usr\/share\/common is different in p\d and in p\d\./,
      ) as unknown,
    });
  });

  it('reports a damaged package from within a thread', async () => {
    const packages = await writePackages('damaged', 'same');
    const [first] = packages;
    if (first === undefined) throw new Error('no package');
    const bytes = await readFile(first.debPath);
    await writeFile(first.debPath, bytes.fill(0, 2 << 20));

    await expect(unpack(packages, 2)).rejects.toMatchObject({
      code: 'E_DEB',
      message: expect.stringContaining('p0_1_all.deb') as unknown,
    });
  });

  it('stops when told to', async () => {
    const packages = await writePackages('stopped', 'same');
    const reason = new Error('stop');

    await expect(unpack(packages, 2, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
