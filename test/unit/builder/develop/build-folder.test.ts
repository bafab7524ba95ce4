import {mkdir, rename, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  dueStep,
  noteExpected,
  openBuildFolder,
  usualBuildFolder,
  type BuildFolder,
} from '../../../../src/builder/develop/build-folder.js';
import {refuseBuiltTree} from '../../../../src/builder/develop/clean-tree.js';
import {makeSmallTree, type SmallTree} from '../../../support/small-tree.js';

let small: SmallTree;
const beside = (name: string) => path.join(small.folder, name);

beforeEach(async () => {
  small = await makeSmallTree();
});

afterEach(() => small[Symbol.asyncDispose]());

/** As the script does when configure has succeeded. */
async function configured(folder: BuildFolder, expected: Record<string, string>): Promise<void> {
  await noteExpected(folder, {tree: small.tree, ...expected});
  await rename(path.join(folder.state, 'inputs.new'), path.join(folder.state, 'inputs'));
}

describe('a build folder', () => {
  it.each([
    [['noopt'], 'cpython-build-release'],
    [['debug'], 'cpython-build-debug'],
    [['debug', 'asan'], 'cpython-build-debug-asan'],
    [['freethreaded', 'noopt'], 'cpython-build-freethreaded-release'],
  ])('is named after the options %j', (options, name) => {
    expect(usualBuildFolder('/home/me/cpython', options)).toBe(`/home/me/${name}`);
  });

  it('is configured once for each set of inputs, and cleaned if more than the script changed', async () => {
    const folder = await openBuildFolder(beside('build'), small.tree);
    const due = (expected: Record<string, string>) =>
      dueStep(folder, {tree: small.tree, ...expected});
    const first = {compiler: '1', configure: '1'};

    expect((await due(first)).step).toBe('clean');
    await noteExpected(folder, first);
    expect((await due(first)).step).toBe('clean');
    await configured(folder, first);
    expect(await due(first)).toEqual({step: 'make', changed: []});
    expect(await due({...first, configure: '2'})).toEqual({
      ...{step: 'configure', changed: ['configure']},
    });
    expect(await due({configure: '2', compiler: '2'})).toEqual({
      ...{step: 'clean', changed: ['configure', 'compiler']},
    });
  });

  it('is configured again if its note is damaged', async () => {
    const folder = await openBuildFolder(beside('build'), small.tree);
    await writeFile(path.join(folder.state, 'inputs'), '{"tree": ');

    expect((await dueStep(folder, {})).step).toBe('clean');
  });

  it('is refused if it belongs to another tree', async () => {
    await configured(await openBuildFolder(beside('build'), small.tree), {});

    await expect(openBuildFolder(beside('build'), '/home/me/other')).rejects.toThrow(
      /belongs to the tree \S+cpython, not to \/home\/me\/other/,
    );
  });

  it.each([
    ['full', /has files that `ampoule develop` did not make/],
    ['cpython/build', /lie in each other; name a folder beside the tree/],
    ['a b', /make cannot work with white space/],
    ['full/file/x', /cannot be made \(/],
  ])('is refused at %s', async (name, message) => {
    await mkdir(beside('full'));
    await writeFile(beside('full/file'), '');

    await expect(openBuildFolder(beside(name), small.tree)).rejects.toThrow(message);
  });

  it('and its tree are refused where the sandbox has files of its own', async () => {
    await expect(openBuildFolder(beside('build'), '/usr/src/cpython')).rejects.toThrow(
      /the tree is \/usr\/src\/cpython, but the sandbox has a \/usr of its own/,
    );
  });
});

describe('a tree that was built in place', () => {
  it('is refused with what to do', async () => {
    await refuseBuiltTree(small.tree);
    await small.write('pyconfig.h', '');
    await small.write('Makefile', '');

    await expect(refuseBuiltTree(small.tree)).rejects.toThrow(
      /was configured or built in place: it has Makefile, pyconfig\.h.*\n.*\nNext: make -C \S+ distclean/,
    );
  });
});
