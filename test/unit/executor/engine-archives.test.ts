import {link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {Readable} from 'node:stream';
import {pack, type Header} from 'tar-stream';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {packTrees} from '../../../src/executor/docker/pack-tree.js';
import {unpackTree} from '../../../src/executor/docker/unpack-tree.js';
import {digestTree} from '../../../src/store/tree.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-archives-'));
  await mkdir(path.join(folder, 'to'));
});

afterEach(() => rm(folder, {recursive: true}));

const unpack = (stream: Readable, special: 'refuse' | 'leave out' = 'refuse') =>
  unpackTree(stream, path.join(folder, 'to'), special);

type Entry = Partial<Header> & Pick<Header, 'name'>;

/** Entries after that of the folder itself. */
function archiveOf(...entries: readonly Entry[]): Readable {
  const archive = pack();
  archive.entry({name: 'out/', type: 'directory'});
  for (const entry of entries) archive.entry(entry, '');
  archive.finalize();
  return Readable.from(archive);
}

/** An archive with one more entry before all others. */
async function below(first: Entry, rest: Readable): Promise<Readable> {
  const archive = pack();
  archive.entry(first);
  archive.finalize();
  const blockBytes = 512;
  const header = Buffer.concat(await Readable.from(archive).toArray()).subarray(0, blockBytes);
  return Readable.from(
    (async function* () {
      yield header;
      yield* rest;
    })(),
  );
}

describe('an output', () => {
  it('above the limit is refused before it is written', async () => {
    const from = path.join(folder, 'from');
    await mkdir(from);
    await writeFile(path.join(from, 'a'), Buffer.alloc(600));
    await writeFile(path.join(from, 'b'), Buffer.alloc(600));
    const packed = () => packTrees([{hostPath: folder, packing: {prefix: '', owner: 'user'}}]);
    const given = (limitBytes: number) =>
      unpackTree(packed(), path.join(folder, 'to'), 'refuse', limitBytes);

    await expect(given(1199)).rejects.toMatchObject({code: 'E_OUTPUT_LIMIT'});
    expect(await readdir(path.join(folder, 'to'))).toEqual(['a']);
  });

  it.each([
    ['a name', {name: 'out/a\ufffd'}],
    ['a path', {name: `out/${'x'.repeat(2049)}`}],
    ["a link's target", {name: 'out/a', type: 'symlink', linkname: '\ufffd'} as const],
  ])('with %s that artifacts do not hold is refused', async (_what, entry) => {
    await expect(unpack(archiveOf(entry))).rejects.toMatchObject({code: 'E_UNSUPPORTED_ENTRY'});
  });
});

describe('an archive of a folder', () => {
  it('gives back the tree that it was made of', async () => {
    const from = path.join(folder, 'from');
    const deep = path.join(from, ...Array.from({length: 30}, (_, index) => `folder${index}`));
    await mkdir(deep, {recursive: true});
    await writeFile(path.join(deep, 'näme with blanks'), 'text');
    await writeFile(path.join(from, 'large'), Buffer.alloc(3_000_001, 'x'));
    await writeFile(path.join(from, 'run'), '#!/bin/sh\n', {mode: 0o755});
    await link(path.join(from, 'run'), path.join(from, 'same'));
    await symlink('../nowhere', path.join(from, 'link'));

    const packed = packTrees([{hostPath: from, packing: {prefix: 'out/', owner: 'user'}}]);
    await unpack(await below({name: 'out/', type: 'directory'}, packed));

    expect(await digestTree(path.join(folder, 'to'))).toBe(await digestTree(from));
  });

  it('of a folder that is not there is an error', async () => {
    const packing = {prefix: '', owner: 'root'} as const;

    await expect(unpack(packTrees([{hostPath: '/nowhere', packing}]))).rejects.toThrow('/nowhere');
  });

  it.each<[string, readonly Entry[]]>([
    ['a name that leaves it', [{name: 'out/../../x'}]],
    ['a name beside it', [{name: 'other/x'}]],
    [
      'a file below a symbolic link',
      [{name: 'out/a', type: 'symlink', linkname: '/tmp'}, {name: 'out/a/x'}],
    ],
    [
      'a folder in place of a symbolic link',
      [
        {name: 'out/a', type: 'symlink', linkname: '/tmp'},
        {name: 'out/a/', type: 'directory'},
      ],
    ],
    [
      'a file in place of a symbolic link',
      [{name: 'out/a', type: 'symlink', linkname: '/tmp/x'}, {name: 'out/a'}],
    ],
    ['a hard link to something outside', [{name: 'out/a', type: 'link', linkname: '/etc/passwd'}]],
    [
      'a hard link to a symbolic link',
      [
        {name: 'out/a', type: 'symlink', linkname: '/tmp'},
        {name: 'out/b', type: 'link', linkname: 'out/a'},
      ],
    ],
    ['a pipe', [{name: 'out/pipe', type: 'fifo'}]],
  ])('is refused with %s', async (_title, entries) => {
    await expect(unpack(archiveOf(...entries))).rejects.toThrow();
  });

  it.each(['out/', '/', './', '/mnt/out/'])('may name it %s', async (name) => {
    const archive = pack();
    archive.entry({name, type: 'directory'});
    archive.entry({name: `${name}a`, type: 'directory'});
    archive.entry({name: `${name}a/file`}, 'text');
    archive.entry({name: `${name}a/same`, type: 'link', linkname: `${name}a/file`});
    archive.finalize();

    await unpack(Readable.from(archive));

    expect(await readFile(path.join(folder, 'to/a/same'), 'utf8')).toBe('text');
  });

  it('is refused when it does not begin with the folder', async () => {
    const archive = pack();
    archive.entry({name: 'out/file'}, 'text');
    archive.finalize();

    await expect(unpack(Readable.from(archive))).rejects.toThrow(
      'expected the folder itself first',
    );
  });

  it('may lose its pipes and devices where they do not matter', async () => {
    await unpack(archiveOf({name: 'out/p', type: 'fifo'}, {name: 'out/file'}), 'leave out');

    expect(await readdir(path.join(folder, 'to'))).toEqual(['file']);
    expect(await readFile(path.join(folder, 'to/file'), 'utf8')).toBe('');
  });
});
