import {lstat, mkdir, mkdtemp, readFile, readlink, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {unpackImage, type ImageContent} from '../../../src/debian/unpack-image.js';
import {unpackImageFunction} from '../../../src/debian/host-function.js';
import type {UnpackParameters} from '../../../src/debian/unpack-image-body.js';
import {normaliseTree} from '../../../src/store/tree.js';
import {writeDeb, type Entry} from './deb-builder.js';

let directory: string;
let root: string;
let count = 0;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ampoule-image-'));
});
beforeEach(async () => {
  count += 1;
  root = path.join(directory, String(count), 'root');
  await mkdir(root, {recursive: true});
});
afterAll(() => rm(directory, {recursive: true}));

const rootfs: ImageContent = {
  kind: 'rootfs',
  usr: 'merged',
  exclude: [],
  files: {},
  links: {},
  directories: [],
};

async function unpack(
  content: Partial<ImageContent>,
  packages: Readonly<Record<string, readonly Entry[]>>,
): Promise<void> {
  const files = await Promise.all(
    Object.entries(packages).map(async ([name, entries]) => ({
      name,
      debPath: await writeDeb(path.dirname(root), name, entries),
    })),
  );
  const options = {rootPath: root, threads: 1, signal: new AbortController().signal};
  await unpackImage({...rootfs, ...content}, files, options);
}

const file = (name: string, content = name, mode = 0o644): Entry => ({name, content, mode});
const link = (name: string, linkname: string): Entry => ({name, type: 'symlink', linkname});

describe('unpackImage', () => {
  it('puts /bin, /sbin, /lib and /lib64 into /usr on a merged-usr suite', async () => {
    await unpack(
      {},
      {
        base: [
          link('./bin', 'usr/bin'),
          link('./lib64', 'usr/lib64'),
          {name: './lib/', type: 'directory'},
        ],
        tools: [file('./bin/tool', 'tool', 0o755), file('./lib/x86_64-linux-gnu/libx.so.1')],
        loader: [file('./lib64/ld.so'), file('./sbin/init'), file('./usr/bin/other')],
      },
    );

    expect(await readlink(path.join(root, 'bin'))).toBe('usr/bin');
    expect(await readlink(path.join(root, 'lib64'))).toBe('usr/lib64');
    expect(await readFile(path.join(root, 'usr/bin/tool'), 'utf8')).toBe('tool');
    // The rest of the mode is the umask's; publishing makes it 0755.
    expect((await stat(path.join(root, 'usr/bin/tool'))).mode & 0o700).toBe(0o700);
    expect((await stat(path.join(root, 'bin/other'))).isFile()).toBe(true);
    expect((await lstat(path.join(root, 'usr/lib/x86_64-linux-gnu/libx.so.1'))).isFile()).toBe(
      true,
    );
  });

  it('leaves the root alone on a suite that does not merge', async () => {
    await unpack({usr: 'split'}, {a: [file('./lib/libx.so.1'), file('./usr/lib/liby.so.1')]});

    expect((await lstat(path.join(root, 'lib'))).isDirectory()).toBe(true);
    expect((await lstat(path.join(root, 'usr/lib/liby.so.1'))).isFile()).toBe(true);
  });

  it('keeps only headers and libraries of a sysroot and makes absolute links relative', async () => {
    await unpack(
      {kind: 'sysroot', usr: 'split'},
      {
        dev: [
          file('./usr/include/stdio.h'),
          link('./usr/lib/x86_64-linux-gnu/libm.so', '/lib/x86_64-linux-gnu/libm.so.6'),
          link('./lib64/ld.so', '/lib/x86_64-linux-gnu/ld.so'),
          file('./usr/bin/ldd'),
          file('./etc/ld.so.conf'),
        ],
      },
    );

    expect(await readlink(path.join(root, 'usr/lib/x86_64-linux-gnu/libm.so'))).toBe(
      '../../../lib/x86_64-linux-gnu/libm.so.6',
    );
    expect(await readlink(path.join(root, 'lib64/ld.so'))).toBe('../lib/x86_64-linux-gnu/ld.so');
    await expect(lstat(path.join(root, 'usr/bin'))).rejects.toThrow('ENOENT');
    await expect(lstat(path.join(root, 'etc'))).rejects.toThrow('ENOENT');
  });

  it('adds the files, links and directories of the definition', async () => {
    await unpack(
      {
        files: {'etc/passwd': 'root:x:0:0:::\n'},
        links: {'usr/bin/awk': 'gawk', 'usr/bin/cc': '../lib/llvm/clang'},
        directories: ['build', 'var/tmp'],
      },
      {gawk: [file('./usr/bin/gawk')], clang: [file('./usr/lib/llvm/clang')]},
    );

    expect(await readFile(path.join(root, 'etc/passwd'), 'utf8')).toBe('root:x:0:0:::\n');
    expect(await readFile(path.join(root, 'usr/bin/cc'), 'utf8')).toBe('./usr/lib/llvm/clang');
    expect((await stat(path.join(root, 'var/tmp'))).isDirectory()).toBe(true);
  });

  it('reports a link of the definition that leads nowhere, and one that a package has already', async () => {
    await expect(unpack({links: {'usr/bin/cc': 'clang'}}, {a: []})).rejects.toThrow(
      'usr/bin/cc cannot be added to the image: its target clang is not in the image',
    );

    root = `${root}-again`;
    await mkdir(root);

    await expect(
      unpack({links: {'usr/bin/ld': 'lld'}}, {binutils: [link('./usr/bin/ld', 'ld.bfd')]}),
    ).rejects.toThrow(/usr\/bin\/ld cannot be added .*EEXIST/);
  });

  it('leaves out what the patterns match, folders with all below them', async () => {
    await unpack(
      {exclude: ['usr/share/doc', 'usr/share/perl/**/*.pod', 'usr/lib/lib*san.so*']},
      {
        a: [
          file('./usr/share/doc/a/copyright'),
          file('./usr/share/doc-base/a'),
          file('./usr/share/perl/5/x/y.pod'),
          file('./usr/share/perl/5/x/y.pm'),
          file('./lib/libasan.so.1'),
        ],
      },
    );

    await expect(lstat(path.join(root, 'usr/share/doc'))).rejects.toThrow('ENOENT');
    await expect(lstat(path.join(root, 'usr/share/perl/5/x/y.pod'))).rejects.toThrow('ENOENT');
    await expect(lstat(path.join(root, 'usr/lib/libasan.so.1'))).rejects.toThrow('ENOENT');
    expect((await stat(path.join(root, 'usr/share/perl/5/x/y.pm'))).isFile()).toBe(true);
    expect((await stat(path.join(root, 'usr/share/doc-base/a'))).isFile()).toBe(true);
  });

  it('takes one path from two packages when the content is the same', async () => {
    const both = [file('./usr/share/x', 'same'), link('./usr/share/y', 'x')];

    await unpack({}, {a: both, b: both});

    expect(await readFile(path.join(root, 'usr/share/y'), 'utf8')).toBe('same');
  });

  it.each([
    ['content', file('./usr/share/x', 'one'), file('./usr/share/x', 'two')],
    ['mode', file('./usr/share/x', 'one', 0o755), file('./usr/share/x', 'one')],
    ['link target', link('./usr/share/x', 'one'), link('./usr/share/x', 'two')],
    ['type', link('./usr/share/x', 'one'), file('./usr/share/x', 'one')],
  ])('names both packages that ship one path with different %s', async (_what, one, two) => {
    await expect(unpack({}, {first: [one], second: [two]})).rejects.toThrow(
      'usr/share/x is different in first and in second.',
    );
  });

  it('makes hard links within a package', async () => {
    await unpack(
      {},
      {
        perl: [
          file('./bin/perl', 'perl', 0o755),
          {name: './usr/bin/perl5', type: 'link', linkname: './bin/perl'},
        ],
      },
    );

    expect(await readFile(path.join(root, 'usr/bin/perl5'), 'utf8')).toBe('perl');
  });

  it.each<[string, Entry[]]>([
    ['a path that is absolute', [file('/etc/passwd')]],
    ['a path that leaves the root', [file('./usr/../../x')]],
    ['a device node', [{name: './dev/null', type: 'character-device'}]],
    ['a pipe', [{name: './run/pipe', type: 'fifo'}]],
    ['a file below a link', [link('./usr/out', '/tmp'), file('./usr/out/x')]],
    [
      'a directory over a link',
      [link('./usr/out', '/tmp'), {name: './usr/out', type: 'directory'}],
    ],
    ['a hard link to a foreign file', [{name: './a', type: 'link', linkname: '/etc/passwd'}]],
    ['a hard link to a file of the host', [{name: './a', type: 'link', linkname: '../../x'}]],
  ])('refuses %s and names the package', async (_what, entries) => {
    await expect(unpack({}, {evil: entries})).rejects.toThrow(
      /^The package evil cannot be unpacked: /,
    );
  });

  it('does not write through a link that another package brought', async () => {
    const outside = path.join(path.dirname(root), 'outside');
    await mkdir(outside);

    await expect(
      unpack({}, {a: [link('./usr/x', outside)], b: [file('./usr/x/file')]}),
    ).rejects.toThrow('is a directory here and something else in another package');

    await expect(lstat(path.join(outside, 'file'))).rejects.toThrow('ENOENT');
  });
});

describe('the function that unpacks images', () => {
  // When this digest changes, raise the function's revision: stores hold artifacts of the old bytes.
  it('gives these bytes at revision 1', async () => {
    const debs = {
      base: [link('./bin', 'usr/bin'), file('./etc/issue', 'hello\n')],
      tools: [
        file('./bin/sh', '#!', 0o4755),
        {name: './usr/share/empty', type: 'directory' as const},
      ],
    };
    const sources = new Map<string, string>();
    for (const [name, entries] of Object.entries(debs)) {
      sources.set(`${name}_1_all.deb`, await writeDeb(path.dirname(root), name, entries));
    }

    const parameters: UnpackParameters = {
      kind: 'rootfs',
      usr: 'merged',
      exclude: ['usr/share/doc'],
      files: {'etc/hosts': '127.0.0.1 localhost\n'},
      links: {'usr/bin/dash': 'sh'},
      directories: ['build'],
      packages: Object.keys(debs).map((name) => ({name, fileName: `${name}_1_all.deb`})),
    };

    await unpackImageFunction.run(parameters, {
      sources,
      inputs: new Map(),
      digests: new Map(),
      outputPath: root,
      log: () => undefined,
      signal: new AbortController().signal,
    });

    expect(unpackImageFunction.revision).toBe(1);
    expect(await normaliseTree(root)).toBe(
      '97489fb2a0fcc8aede35398d345ab78e302e55668ecacdd20c310394fed9205c',
    );
  });
});
