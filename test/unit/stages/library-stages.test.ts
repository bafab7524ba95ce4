import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import {stageKeys} from '../../../src/graph/key.js';
import {planMatrix, type Plan} from '../../../src/stages/plan.js';
import type {Project, RecipeFolder} from '../../../src/stages/project.js';
import {resolveVariant} from '../../../src/stages/resolve-variant.js';

const project = await loadProject();
const platform = 'x86_64-unknown-linux-gnu.2.17';

function plan(of: Project, libraries: 'linked' | 'all' = 'linked'): Plan {
  const target = 'x86_64-unknown-linux-gnu';
  const request = {python: '3.14', target, options: 'noopt', toolchain: 'debian'} as const;
  const variant = resolveVariant(of, {...request, sourceSet: 'upstream', glibc: undefined});
  const settings = {releaseEpoch: undefined, libraries};
  return valueOrThrow(planMatrix(of, [valueOrThrow(variant)], settings));
}

/** The project with another recipe of sqlite's content, or with a changed one. */
function withRecipe(name: string, changes: Partial<RecipeFolder['recipe']>): Project {
  const from = project.recipes.get(project.recipes.has(name) ? name : 'sqlite');
  if (from === undefined) throw new Error('no recipe');
  const folder = {...from, recipe: {...from.recipe, name, ...changes}};
  return {...project, recipes: new Map([...project.recipes, [name, folder]])};
}

const test = [{when: {}, values: ['./try', 'echo tried']}];

describe('the test of a recipe', () => {
  it('is a stage of its own, which sees the library as the stages after it do', () => {
    const {graph, distributions} = plan(withRecipe('sqlite', {test}));

    const stage = graph.stages.get(`test/sqlite/${platform}`);
    expect(stage).toMatchObject({
      script: 'set -eu\n./try\necho tried\n',
      rootfs: 'rootfs/build',
      mounts: [
        {guestPath: '/sysroot', stages: [`sysroot/${platform}`]},
        {guestPath: '/deps', stages: [`dependency/sqlite/${platform}`]},
      ],
      environment: {CC: 'clang'},
    });
    expect(distributions[0]?.stages).toContain(`test/sqlite/${platform}`);
  });

  it('changes no other key', () => {
    const before = stageKeys(plan(project).graph);
    const after = stageKeys(plan(withRecipe('sqlite', {test})).graph);

    expect([...after].filter(([id, key]) => before.get(id) !== key).map(([id]) => id)).toEqual([
      `test/sqlite/${platform}`,
    ]);
  });
});

describe('a library that no module links', () => {
  it('is planned on request only, and belongs to no distribution', () => {
    const own = withRecipe('lonely', {test});

    const usual = plan(own);
    const all = plan(own, 'all');

    expect([...usual.graph.stages.keys()]).toEqual([...plan(project).graph.stages.keys()]);
    const more = [...all.graph.stages.keys()].filter((id) => !usual.graph.stages.has(id));
    expect(more).toEqual([`dependency/lonely/${platform}`, `test/lonely/${platform}`]);
    expect([...(all.distributions[0]?.stages ?? [])].filter((id) => more.includes(id))).toEqual([]);
  });
});
