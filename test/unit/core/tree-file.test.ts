import {execFileSync} from 'node:child_process';
import {mkdir, mkdtemp, rm, symlink, truncate, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {once} from 'node:events';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {isLinkInTree, readInTree, TreeFileError, type Tree} from '../../../src/core/tree-file.js';

let folder: string;
let tree: Tree;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'tree-file-'));
  tree = {hostPath: path.join(folder, 'artifact'), name: 'dependency/zlib'};
  await mkdir(path.join(tree.hostPath, 'lib/deep'), {recursive: true});
  await writeFile(path.join(tree.hostPath, 'lib/file'), 'inside');
  await writeFile(path.join(folder, 'secret'), 'secret');
  await mkdir(path.join(folder, 'lib'));
  await writeFile(path.join(folder, 'lib/file'), 'secret');
});

afterEach(() => rm(folder, {recursive: true, force: true}));

const link = (target: string, file: string) => symlink(target, path.join(tree.hostPath, file));

describe('a file of a tree', () => {
  it.each([
    ['a link beside it', 'lib/link', 'file', 'lib/link'],
    ['a link upwards', 'lib/deep/link', '../file', 'lib/deep/link'],
    ['an absolute link, judged inside the tree', 'link', '/lib/file', 'link'],
    ['a link to a folder', 'folder', 'lib', 'folder/file'],
    ['an absolute link to a folder', 'folder', '/lib', 'folder/deep/../file'],
  ])('is read through %s', async (_, place, target, file) => {
    await link(target, place);

    expect(readInTree(tree, file).toString()).toBe('inside');
    expect(isLinkInTree(tree, place)).toBe(true);
  });

  it.each([
    ['a link to a file of the host', '/etc/passwd'],
    ['a link out of the tree', '../secret'],
    ['a link out of the tree and back', '../artifact/lib/file'],
    ['a link that leaves only at its end', 'lib/deep/../../../secret'],
    ['a link to itself', 'link'],
    ['a link to nothing', 'nothing'],
    ['a link to a folder', 'lib'],
    ['a link to a device', '/dev/zero'],
    ['a link through a file', 'lib/file/..'],
    ['a link into the kernel', '/proc/self/root/etc/passwd'],
  ])('is not read through %s', async (_, target) => {
    await link(target, 'link');

    const read = () => readInTree(tree, 'link');

    expect(read).toThrow(TreeFileError);
    expect(read).toThrow(/^link in the output of dependency\/zlib /);
  });

  it('is not read through a folder that is a link out of the tree', async () => {
    await link('../lib', 'outside');

    expect(() => readInTree(tree, 'outside/file')).toThrow('leads out of it');
  });

  it('is not read outside, however it is named', () => {
    expect(() => readInTree(tree, '../secret')).toThrow('leads out of it');
    expect(() => readInTree(tree, 'lib/../../secret')).toThrow('leads out of it');
  });

  it('is told from one that is missing', () => {
    expect(() => readInTree(tree, 'lib/none')).toThrow(expect.objectContaining({isMissing: true}));
    expect(() => readInTree(tree, 'lib/file/none')).toThrow(
      expect.objectContaining({isMissing: true}),
    );
  });

  it('must be a regular file, and no pipe or socket makes the reader wait', async () => {
    execFileSync('mkfifo', [path.join(tree.hostPath, 'pipe')]);
    const server = createServer().listen(path.join(tree.hostPath, 'socket'));
    await once(server, 'listening');

    expect(() => readInTree(tree, 'pipe')).toThrow('is not a regular file');
    expect(() => readInTree(tree, 'socket')).toThrow('is not a regular file');
    expect(() => readInTree(tree, 'lib')).toThrow('is not a regular file');
    server.close();
  });

  it('must be small enough to be held in memory', async () => {
    await writeFile(path.join(tree.hostPath, 'sparse'), '');
    await truncate(path.join(tree.hostPath, 'sparse'), 200e9);

    expect(() => readInTree(tree, 'sparse')).toThrow('has 200000000000 bytes, more than 268435456');
  });
});
