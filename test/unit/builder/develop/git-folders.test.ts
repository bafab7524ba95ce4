import {cp, mkdir, realpath, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {gitFolders} from '../../../../src/builder/develop/git-folders.js';
import {makeSmallTree, type SmallTree} from '../../../support/small-tree.js';

let small: SmallTree;

beforeEach(async () => {
  small = await makeSmallTree();
});

afterEach(() => small[Symbol.asyncDispose]());

describe('what git needs outside of a tree', () => {
  it('is nothing for a checkout, and for a tree without git', async () => {
    const before = await gitFolders(small.tree);
    small.git('init', '-q');

    expect([before, await gitFolders(small.tree)]).toEqual([{folders: []}, {folders: []}]);
  });

  it('is the repository of the main checkout for a worktree', async () => {
    small.git('init', '-q');
    small.git('add', 'LICENSE');
    small.git('commit', '-qm', 'first');
    small.git('worktree', 'add', '-q', '../other');

    expect(await gitFolders(path.join(small.folder, 'other'))).toEqual({
      folders: [await realpath(path.join(small.tree, '.git'))],
    });
  });

  it('is its own folder for a submodule', async () => {
    const modules = path.join(small.folder, 'modules');
    await mkdir(modules);
    small.git('-C', modules, 'init', '-q');
    const worktree = path.relative(path.join(modules, '.git'), small.tree);
    small.git('-C', modules, 'config', 'core.worktree', worktree);
    await small.write('.git', 'gitdir: ../modules/.git\n');

    expect((await gitFolders(small.tree)).folders).toEqual([
      await realpath(path.join(modules, '.git')),
    ]);
  });

  it("is nothing of a stranger's choice", async () => {
    small.git('init', '-q');
    small.git('add', 'LICENSE');
    small.git('commit', '-qm', 'first');
    small.git('worktree', 'add', '-q', '../other');
    const copy = path.join(small.folder, 'copy');
    await cp(path.join(small.folder, 'other'), copy, {recursive: true});
    const home = path.join(small.folder, 'home');
    await mkdir(home);
    const stranger = path.join(small.folder, 'stranger');
    await mkdir(stranger);
    await writeFile(path.join(stranger, '.git'), `gitdir: ${home}\n`);

    for (const tree of [copy, stranger]) {
      expect(await gitFolders(tree)).toEqual({
        folders: [],
        problem: expect.stringMatching(/which is no repository that has this tree/),
      });
    }
  });

  it.each([
    ['gitdir: /usr\n', /names \/usr, which is no repository that has this tree/],
    ['gitdir: ../gone\n', /git cannot be used in the shell: ENOENT/],
    ['nothing\n', /\.git does not name a folder/],
  ])('cannot be given if .git says %j', async (text, problem) => {
    await writeFile(path.join(small.tree, '.git'), text);

    expect(await gitFolders(small.tree)).toEqual({
      folders: [],
      problem: expect.stringMatching(problem),
    });
  });
});
