import {execFileSync} from 'node:child_process';
import {chmod, cp, mkdir, readdir, readFile, readlink, rm, symlink, utimes} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {digestOfTree} from '../../../../src/builder/python-tree/pack-tree.js';
import {storeLocalSource} from '../../../../src/builder/store-local-source.js';
import type {Source} from '../../../../src/core/source.js';
import {DiskSourceStore} from '../../../../src/store/disk-source-store.js';
import {makeSmallTree, type SmallTree} from '../../../support/small-tree.js';

const {signal} = new AbortController();
let small: SmallTree;

beforeEach(async () => {
  small = await makeSmallTree();
});

afterEach(() => small[Symbol.asyncDispose]());

const digest = async (tree = small.tree) => (await digestOfTree(tree, signal)).sha256;

describe('a packed tree', () => {
  it('is the same for the same content, whatever its times, owner modes, place and git say', async () => {
    const before = await digest();
    const copy = path.join(small.folder, 'copy');
    await cp(small.tree, copy, {recursive: true});
    await utimes(path.join(copy, 'configure'), 1, 1);
    await chmod(path.join(copy, 'LICENSE'), 0o600);
    small.git('init', '-q');
    small.git('add', 'LICENSE');

    expect([await digest(copy), await digest()]).toEqual([before, before]);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a changed file', () => small.write('LICENSE', 'other\n')],
    ['a new file', () => small.write('Objects/three.c', '')],
    ['an executable bit', () => chmod(path.join(small.tree, 'LICENSE'), 0o755)],
    ['a removed file', () => rm(path.join(small.tree, 'Objects/two.c'))],
    ['a link', () => symlink('one.c', path.join(small.tree, 'Objects/link.c'))],
  ])('is another for %s', async (_what, change) => {
    const before = await digest();
    await change();

    expect(await digest()).not.toBe(before);
  });

  it('of a checkout has tracked and untracked files as they are now, and none that git ignores', async () => {
    small.git('init', '-q');
    small.git('add', '-A');
    small.git('commit', '-qm', 'all');
    const before = await digest();
    await small.write('.git/info/exclude', '*.o\n');
    await small.write('Objects/one.o', 'object');
    const ignored = await digest();
    await small.write('Objects/new.c', 'untracked');
    await rm(path.join(small.tree, 'Objects/two.c'));
    const changed = await digest();

    expect(ignored).toBe(before);
    expect(changed).not.toBe(before);
  });

  it('is unpacked by tar as it was, below one folder', async () => {
    await symlink('one.c', path.join(small.tree, 'Objects/link.c'));
    const sink = new DiskSourceStore(small.folder);
    const packed = await digestOfTree(small.tree, signal);
    const source: Source = {fileName: 'tree.tar', locations: [], ...packed};

    await storeLocalSource(source, {kind: 'tree', folder: small.tree}, sink, signal);

    const archive = sink.pathOf(packed.sha256);
    expect((await readFile(archive)).length).toBe(packed.sizeBytes);
    const target = path.join(small.folder, 'unpacked');
    await mkdir(target);
    execFileSync('tar', ['-xf', archive, '-C', target, '--strip-components=1']);
    execFileSync('diff', ['-r', '--no-dereference', small.tree, target]);
    expect(await digest(target)).toBe(packed.sha256);
  });

  it('is refused if the tree changed after the plan, and nothing is left', async () => {
    const sink = new DiskSourceStore(small.folder);
    const source: Source = {
      fileName: 'tree.tar',
      locations: [],
      ...(await digestOfTree(small.tree, signal)),
    };
    await small.write('LICENSE', 'other\n');

    const location = {kind: 'tree', folder: small.tree} as const;
    await expect(storeLocalSource(source, location, sink, signal)).rejects.toThrow(
      /was changed after this build had been planned.\nRun the same command again/,
    );
    expect(await sink.has(source)).toBe(false);
  });
});

/** The files below the folder of the test that this process has open. */
async function openFiles(): Promise<readonly string[]> {
  const links = (await readdir('/proc/self/fd')).map((number) =>
    readlink(`/proc/self/fd/${number}`).catch(() => ''),
  );
  return (await Promise.all(links)).filter((file) => file.startsWith(small.folder));
}

describe('a tree that cannot be packed', () => {
  it('leaves no file open', async () => {
    const source: Source = {
      fileName: 'tree.tar',
      locations: [],
      ...(await digestOfTree(small.tree, signal)),
    };
    await symlink('/etc/passwd', path.join(small.tree, 'Lib/link'));
    const location = {kind: 'tree', folder: small.tree} as const;
    const sink = new DiskSourceStore(small.folder);
    const storing = storeLocalSource(source, location, sink, signal);

    await expect(storing).rejects.toThrow(/leads out of the tree/);
    expect(await openFiles()).toEqual([]);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'a link out of it',
      () => symlink('../../secret', path.join(small.tree, 'Lib/link')),
      /Lib\/link is a link that leads out of the tree, to \.\.\/\.\.\/secret/,
    ],
    [
      'a link to a path of this machine',
      () => symlink('/etc/passwd', path.join(small.tree, 'Lib/link')),
      /leads out of the tree, to \/etc\/passwd/,
    ],
    [
      'a line end in a name',
      () => small.write('Lib/a\nb', ''),
      /"Lib\/a\\nb" has a line end or another control character/,
    ],
    [
      'what a build in place left',
      () => small.write('pyconfig.h', ''),
      /was configured or built in place: it has pyconfig\.h\. Next: make -C \S+ distclean/,
    ],
    [
      'a named pipe',
      () => execFileSync('mkfifo', [path.join(small.tree, 'Lib/pipe')]),
      /Lib\/pipe is neither a file nor a link/,
    ],
    [
      'a repository inside a checkout',
      async () => {
        small.git('init', '-q');
        await mkdir(path.join(small.tree, 'inner'));
        execFileSync('git', ['-C', path.join(small.tree, 'inner'), 'init', '-q']);
        await small.write('inner/file', '');
      },
      /inner\/ is a repository of its own/,
    ],
  ])('is refused for %s', async (_what, spoil, message) => {
    await spoil();

    await expect(digest()).rejects.toThrow(message);
  });

  it.skipIf(process.getuid?.() === 0)('is refused for a file that cannot be read', async () => {
    await chmod(path.join(small.tree, 'LICENSE'), 0);

    await expect(digest()).rejects.toThrow(/LICENSE cannot be packed: EACCES.*Make it readable/);
  });
});
