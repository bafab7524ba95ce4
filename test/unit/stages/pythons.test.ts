import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import type {Stage} from '../../../src/graph/stage.js';
import {planDistribution} from '../../../src/stages/plan.js';
import {findPython, pythonsOf, versionOf} from '../../../src/stages/pythons.js';

const project = await loadProject();

describe('the Pythons of a project', () => {
  it('are the versions of the recipe of CPython', () => {
    const pythons = pythonsOf(project);

    expect(pythons.map((python) => `${python.series} is ${versionOf(python, 'upstream')}`)).toEqual(
      [
        ...['3.11 is 3.11.16', '3.12 is 3.12.14', '3.13 is 3.13.15', '3.14 is 3.14.7'],
        '3.15 is 3.15.2',
      ],
    );
  });

  it('are refused with the reason where Debian has no source of them', () => {
    expect(findPython(project, '3.12', 'upstream').ok).toBe(true);
    expect(findPython(project, '3.12', 'debian')).toMatchObject({
      diagnostics: [
        {
          file: '--python',
          message:
            "Python 3.12 cannot be built from Debian's sources: no suite of Debian was released with Python 3.12, " +
            'and none has its source any more. With --sources upstream it is built from those of python.org.',
        },
      ],
    });
  });

  it.each(['3.13', '3.13.15', 'cpython-3.13', 'cpython-3.13.15'])('%s is found', (text) => {
    const {folder} = valueOrThrow(findPython(project, text, 'debian'));

    expect(folder.recipe.pins.debian.version).toBe('3.13.15');
  });

  it('are built by hooks', () => {
    const folder = project.recipes.get('cpython');
    const recipes = new Map(project.recipes);
    if (folder !== undefined) {
      recipes.set('cpython', {...folder, recipe: {...folder.recipe, build: undefined}});
    }

    expect(findPython({...project, recipes}, '3.14', 'debian')).toMatchObject({
      diagnostics: [
        {
          file: 'recipes/cpython/recipe.yaml',
          message: expect.stringMatching(/system: hooks/) as string,
        },
      ],
    });
  });

  it('are offered when there is none of that name', () => {
    expect(findPython(project, '3.1', 'debian')).toMatchObject({
      diagnostics: [
        {
          file: '--python',
          message:
            'unknown Python "3.1". Expected one of 3.11 (3.11.2), 3.13 (3.13.15), 3.14 (3.14.7), 3.15 (3.15.0rc2); ' +
            'see recipes/cpython/recipe.yaml.',
        },
      ],
    });
  });
});

const stageOf = (kind: string, python: string): string =>
  `${kind}/${python}-x86_64-unknown-linux-gnu.2.17-noopt`;

describe('the stages of a Python', () => {
  const stages = (python: string): ReadonlyMap<string, Stage> => {
    const request = {
      python,
      target: 'x86_64-unknown-linux-gnu',
      options: 'noopt',
      sourceSet: 'upstream',
      toolchain: 'debian',
      glibc: undefined,
      releaseEpoch: undefined,
    } as const;
    return valueOrThrow(planDistribution(project, request)).graph.stages;
  };

  it('hold the parts of its patches that are for this version', () => {
    const texts = ['3.13', '3.14'].map((python) => {
      const stage = stages(python).get(stageOf('cpython', python));
      return stage?.kind === 'sandbox' ? stage.files : {};
    });

    const [older = [], newer = []] = texts.map((files) => Object.keys(files));
    expect(newer.filter((file) => !older.includes(file))).toEqual([
      'patches/0005-remote-debugging-with-built-in-asyncio.patch',
      'patches/0015-copy-where-the-kernel-cannot-clone.patch',
      'patches/0016-debug-a-replaced-program.patch',
    ]);
    for (const files of texts) {
      const patches = Object.entries(files).filter(([file]) => file.startsWith('patches/'));
      expect(patches.filter(([, text]) => !text.includes('\n+++ b/'))).toEqual([]);
      expect(patches.filter(([, text]) => /^When:/m.test(text))).toEqual([]);
    }
  });

  it('run the interpreter in one of which no archive is made', () => {
    const all = stages('3.14');
    const smoke = all.get(stageOf('smoke', '3.14'));

    expect(smoke).toMatchObject({
      mounts: [
        {
          guestPath: '/in',
          stages: [
            'setup-local/cpython-3.14-x86_64-unknown-linux-gnu-noopt',
            stageOf('cpython', '3.14'),
          ],
        },
      ],
      files: {'smoke.py': expect.stringContaining('import_failures') as string},
    });
    const users = [...all.values()].filter((stage) =>
      JSON.stringify(stage).includes(stageOf('smoke', '3.14')),
    );
    expect(users.map(({id}) => id)).toEqual([stageOf('smoke', '3.14')]);
  });
});
