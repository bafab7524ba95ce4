import {mkdir, mkdtemp, readdir, readlink, rm, stat, symlink, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {mergeTrees, type SoleFolder} from '../../../src/executor/merge-trees.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-merge-'));
  for (const [tree, name] of [
    ['zlib', 'zlib.h'],
    ['xz', 'lzma.h'],
  ] as const) {
    await mkdir(path.join(folder, tree, 'include'), {recursive: true});
    await writeFile(path.join(folder, tree, 'include', name), name);
  }
  await symlink('zlib.h', path.join(folder, 'zlib/include/z.h'));
});

afterEach(() => rm(folder, {recursive: true, force: true}));

const merge = (onSoleFolder?: (folder: SoleFolder) => void) =>
  mergeTrees(path.join(folder, 'merged'), [path.join(folder, 'zlib'), path.join(folder, 'xz')], {
    guestPath: '/deps',
    ...(onSoleFolder !== undefined && {onSoleFolder}),
  });

describe('merged trees', () => {
  it('hold the files and links of all trees, without copies', async () => {
    await merge();

    const merged = path.join(folder, 'merged/include');
    expect((await readdir(merged)).toSorted()).toEqual(['lzma.h', 'z.h', 'zlib.h']);
    expect(await readlink(path.join(merged, 'z.h'))).toBe('zlib.h');
    expect((await stat(path.join(merged, 'lzma.h'))).ino).toBe(
      (await stat(path.join(folder, 'xz/include/lzma.h'))).ino,
    );
  });

  it('leave folders that only one tree has to mounts', async () => {
    await mkdir(path.join(folder, 'xz/share/doc'), {recursive: true});
    const sole: SoleFolder[] = [];
    await merge((found) => sole.push(found));

    expect(sole).toEqual([{relativePath: 'share', tree: path.join(folder, 'xz')}]);
    expect(await readdir(path.join(folder, 'merged/share'))).toEqual([]);
    expect((await readdir(path.join(folder, 'merged/include'))).length).toBe(3);
  });

  it('refuse two trees with the same file, naming the file and both', async () => {
    await writeFile(path.join(folder, 'xz/include/zlib.h'), 'zlib.h');

    await expect(merge()).rejects.toThrow(/\/deps\/include\/zlib\.h\n.*zlib\n.*xz\n/);
  });
});
