import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {loadProject} from '../../../../src/builder/load-project.js';
import {
  parsePatchLevel,
  readPythonTree,
} from '../../../../src/builder/python-tree/read-python-tree.js';
import {pythonsOf} from '../../../../src/stages/pythons.js';
import {makeSmallTree, patchLevel, type SmallTree} from '../../../support/small-tree.js';

const project = await loadProject();
const known = pythonsOf(project);
const newest = known.at(-1)?.folder.recipe.pins.upstream.version ?? '';
let small: SmallTree;

beforeEach(async () => {
  small = await makeSmallTree();
});

afterEach(() => small[Symbol.asyncDispose]());

describe('Include/patchlevel.h', () => {
  it.each([
    [patchLevel('3.14.7'), '3.14.7'],
    [patchLevel('3.16.0', 'ALPHA', 2), '3.16.0a2'],
    [patchLevel('3.15.0', 'BETA', 4), '3.15.0b4'],
    [patchLevel('3.15.0', 'GAMMA', 1), '3.15.0rc1'],
    [patchLevel('3.15.0', 'OMEGA', 1), undefined],
    ['', undefined],
  ])('says the version', (text, version) => {
    expect(parsePatchLevel(text)).toBe(version);
  });
});

describe("a developer's tree", () => {
  it('is built like its own version if a recipe has its series', async () => {
    await small.write('Include/patchlevel.h', patchLevel('3.14.99'));

    expect(await readPythonTree(small.tree, '<tree>', project)).toMatchObject({
      ...{version: '3.14.99', likePython: '3.14.99'},
      notice: expect.stringMatching(
        /no recipe has CPython 3\.14\.99: it is built like 3\.14\.\d+,/,
      ),
    });
  });

  it('needs no notice if Debian alone has its version', async () => {
    const both = known.map(({folder}) => folder.recipe.pins);
    const pins = both.find(({upstream, debian}) => upstream.version !== debian.version);
    const [, release = '', serial = '0'] =
      /^([\d.]+)(?:rc(\d+))?$/.exec(pins?.debian.version ?? '') ?? [];
    const isFinal = serial === '0';
    await small.write(
      'Include/patchlevel.h',
      patchLevel(release, isFinal ? 'FINAL' : 'GAMMA', Number(serial)),
    );

    const tree = await readPythonTree(small.tree, '<tree>', project);
    expect(tree).toMatchObject({likePython: pins?.debian.version});
    expect(tree).not.toHaveProperty('notice');
  });

  it('is built like the nearest series otherwise, and says so', async () => {
    await small.write('Include/patchlevel.h', patchLevel('3.99.0', 'ALPHA', 2));

    const tree = await readPythonTree(small.tree, '<tree>', project);
    expect(tree.likePython).toBe(newest);
    expect(tree.notice).toContain(`no recipe has CPython 3.99.0a2: it is built like ${newest}`);
  });

  it('is refused with what it lacks', async () => {
    const lacking = readPythonTree(small.folder, '--python-source', project);

    await expect(lacking).rejects.toThrow(
      /--python-source: \S+ is no source tree of CPython: it has no configure, no Makefile\.pre\.in/,
    );
    const missing = readPythonTree(`${small.folder}/none`, '<tree>', project);
    await expect(missing).rejects.toThrow(/<tree>: ENOENT/);
    await small.write('Include/patchlevel.h', '');
    const nameless = readPythonTree(small.tree, '<tree>', project);
    await expect(nameless).rejects.toThrow(/does not say the version/);
  });
});
