import {mkdir, mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect} from 'vitest';
import {diffArchives} from '../../../src/archive/diff/diff-archives.js';
import {inspectArchive} from '../../../src/archive/inspect/inspect.js';
import {readArchive} from '../../../src/archive/read-archive.js';
import {unpackArchive} from '../../../src/archive/unpack-archive.js';
import {validateArchive} from '../../../src/policy/validate-archive.js';
import {fuzz} from '../../support/fuzz/fuzz.js';
import {mutated} from '../../support/fuzz/mutations.js';
import {zstdSample} from '../../support/fuzz/samples.js';
import {
  writeGzip,
  writeTar,
  writeZstd,
  type TarMember,
} from '../../support/policy/archive-writer.js';
import {SampleArchive} from '../../support/policy/sample-archive.js';
import {makeTar} from '../debian/deb-builder.js';
import {ownTargets} from '../../support/targets.js';

const member = {mode: 0o644, mtimeSeconds: 1_700_000_000};
const members: readonly TarMember[] = [
  {...member, path: 'python/PYTHON.json', content: Buffer.from('{}')},
  {...member, path: 'python/install/bin/python3', content: Buffer.alloc(0), linkTarget: 'python'},
  {...member, path: 'python/install/bin/python', content: Buffer.from('#!/bin/sh\n')},
];
const tar = writeTar(members);
const paxTar = await makeTar([
  {name: 'python/', type: 'directory'},
  {name: `python/${'long/'.repeat(50)}ü`, content: 'x', pax: {comment: 'x', mtime: '1.5'}},
  {name: 'python/b', type: 'link', linkname: `python/${'long/'.repeat(50)}ü`},
]);

let folder: string;
let runs = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ampoule-fuzz-'));
});
afterAll(() => rm(folder, {recursive: true}));

const writeAs = async (name: string, bytes: Buffer) => {
  const file = path.join(folder, name);
  await writeFile(file, bytes);
  return file;
};

describe('archives with a damaged tar', () => {
  fuzz(
    'are unpacked or refused, and nothing is written outside',
    mutated(tar, paxTar),
    (bytes) => unpack(writeGzip(bytes, {})),
    {share: 0.5},
  );

  fuzz('are inspected or refused', mutated(tar, paxTar), async (bytes) =>
    inspectArchive(await writeAs('x.tar.zst', writeZstd(bytes, {})), folder),
  );

  fuzz(
    'are compared or refused',
    mutated(tar, paxTar),
    async (bytes) =>
      diffArchives(
        await writeAs('a.tar.gz', writeGzip(tar, {})),
        await writeAs('b.tar.gz', writeGzip(bytes, {})),
        {scratch: path.join(folder, 'scratch'), limit: 20, signal: new AbortController().signal},
      ),
    {share: 0.2},
  );
});

describe('damaged compressed archives', () => {
  const compressed = mutated(writeGzip(tar, {}), writeZstd(tar, {}), zstdSample);

  fuzz('are read or refused', compressed, async (bytes) => {
    for await (const each of readArchive(await writeAs('x.tar', bytes))) await each.read();
  });

  fuzz('are unpacked or refused, and nothing is written outside', compressed, unpack, {
    share: 0.5,
  });

  const {bytes: full} = new SampleArchive('full').write();
  const {bytes: installOnly} = new SampleArchive('install_only').write();
  fuzz(
    'are judged or refused',
    mutated(full, installOnly),
    async (bytes) => {
      const archivePath = await writeAs('x.tar', bytes);
      return validateArchive({archivePath, scratchPath: folder, targets: ownTargets});
    },
    {share: 0.1},
  );
});

async function unpack(bytes: Buffer): Promise<void> {
  runs += 1;
  const own = path.join(folder, String(runs));
  const target = path.join(own, 'deep/folder');
  await mkdir(target, {recursive: true});
  const archive = path.join(own, 'x.tar.gz');
  await writeFile(archive, bytes);
  try {
    await unpackArchive(archive, target);
  } finally {
    expect(await readdir(own)).toEqual(['deep', 'x.tar.gz']);
    expect(await readdir(path.join(own, 'deep'))).toEqual(['folder']);
    await rm(own, {recursive: true});
  }
}
