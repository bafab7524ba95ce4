import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import {toolchainKinds} from '../../../src/core/toolchain.js';
import {sourceSets} from '../../../src/core/target.js';
import type {BuildOptions} from '../../../src/core/build-options.js';
import {variantName, type Variant} from '../../../src/core/variant.js';
import {keyInputs, stageKeys} from '../../../src/graph/key.js';
import type {PatchSections} from '../../../src/recipe/patch-sections.js';
import type {RecipeFolder} from '../../../src/stages/project.js';
import {planMatrix, type Plan} from '../../../src/stages/plan.js';
import {resolveVariant} from '../../../src/stages/resolve-variant.js';

const project = await loadProject();
const usual = variant();

function variant(changes: Partial<Variant> & {readonly glibc?: string} = {}): Variant {
  const {python = '3.14', toolchain = 'debian', sourceSet = 'upstream', glibc, options} = changes;
  const target = 'x86_64-unknown-linux-gnu';
  const request = {python, target, options: 'noopt', sourceSet, toolchain, glibc} as const;
  const resolved = valueOrThrow(resolveVariant(project, request));
  const profile = options?.includes('pgo') === true ? {profile: 'train' as const} : {};
  return options === undefined ? resolved : {...resolved, options, ...profile};
}

function plan(variants: readonly Variant[], of = project): Plan {
  return valueOrThrow(planMatrix(of, variants, {releaseEpoch: undefined}));
}

function idsOf({graph}: Plan): readonly string[] {
  return [...graph.stages.keys()];
}

describe('a plan of many distributions', () => {
  it('has what two Pythons share once', () => {
    const both = idsOf(plan([variant({python: '3.13'}), usual]));
    const [older, newer] = ['3.13', '3.14'].map((python) => idsOf(plan([variant({python})])));

    const shared = older?.filter((id) => newer?.includes(id)) ?? [];
    expect(shared).toContain('dependency/zlib/x86_64-unknown-linux-gnu.2.17');
    expect(shared.filter((id) => /3\.1[34]/.test(id))).toEqual([]);
    expect(both.toSorted()).toEqual([...new Set([...(older ?? []), ...(newer ?? [])])].sort());
  });

  it('has two floors of one Python: nothing that is compiled is shared', () => {
    const both = plan([usual, variant({glibc: '2.28'})]);

    const [first, second] = both.distributions.map(({stages}) => stages);
    const shared = [...(first ?? [])].filter((id) => second?.has(id) === true);
    expect(shared.toSorted()).toEqual([
      'rootfs/build',
      'setup-files/cpython-3.14',
      'setup-local/cpython-3.14-x86_64-unknown-linux-gnu-noopt',
      'suite/x86_64-unknown-linux-gnu',
    ]);
  });

  it('has a variant once that is named twice', () => {
    expect(plan([usual, variant()]).distributions.length).toBe(1);
    expect(idsOf(plan([usual, variant()]))).toEqual(idsOf(plan([usual])));
  });

  it('gives each distribution the stages that it would have alone', () => {
    const variants = [usual, variant({python: '3.13'}), variant({glibc: 'suite'})];

    for (const {variant: one, stages, archives} of plan(variants).distributions) {
      const alone = plan([one]);
      expect([...stages].sort()).toEqual([...idsOf(alone)].sort());
      expect(archives).toEqual(alone.distributions[0]?.archives);
    }
  });

  it('has archives for installers where the options leave room for them in the names', () => {
    const made = plan([usual, {...usual, options: ['debug']}]);

    expect(made.distributions.map(({archives}) => archives.map(({flavour}) => flavour))).toEqual([
      ['full', 'install_only', 'install_only_stripped'],
      ['full'],
    ]);
  });

  it('has archives for installers of the most optimized one only, where their names are the same', () => {
    const options: readonly BuildOptions[] = [
      ['noopt'],
      ['pgo', 'lto'],
      ['freethreaded', 'lto'],
      ['lto'],
    ];

    const made = plan(options.map((each) => ({...usual, options: each})));

    expect(
      made.distributions.map(({variant: {options: of}, archives}) => [of, archives.length]),
    ).toEqual([
      [['noopt'], 1],
      [['pgo', 'lto'], 3],
      [['freethreaded', 'lto'], 3],
      [['lto'], 1],
    ]);
    const names = made.distributions.flatMap(({archives}) =>
      archives.map(({fileName}) => fileName),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('does not train again for a change of what comes after the training', () => {
    const folder = project.recipes.get('cpython');
    if (folder === undefined) throw new Error('no recipe');
    const files = {...folder.files, 'finish.py': `${folder.files['finish.py'] ?? ''}\n`};
    const changed = {
      ...project,
      recipes: new Map([...project.recipes, ['cpython', {...folder, files}]]),
    };
    const variants = [{...usual, options: ['pgo', 'lto'], profile: 'train'} as const];

    const [before, after] = [project, changed].map((of) => stageKeys(plan(variants, of).graph));

    const differing = [...(before ?? [])].flatMap(([id, key]) =>
      after?.get(id) === key ? [] : [id.split('/')[0]],
    );
    expect([...new Set(differing)].toSorted()).toEqual([
      'cpython',
      'distribution',
      'smoke',
      'validation',
    ]);
  });

  it('trains once for what differs by link-time optimization', () => {
    const both = plan([
      {...usual, options: ['pgo'], profile: 'train'},
      {...usual, options: ['pgo', 'lto'], profile: 'train'},
    ]);

    expect(idsOf(both).filter((id) => /^(instrumented|profile|cpython)/.test(id))).toEqual(
      [
        'instrumented/3.14-x86_64-unknown-linux-gnu.2.17-pgo-profile-train',
        'profile/3.14-x86_64-unknown-linux-gnu.2.17-pgo-profile-train',
        'cpython/3.14-x86_64-unknown-linux-gnu.2.17-pgo+lto-profile-train',
        'cpython/3.14-x86_64-unknown-linux-gnu.2.17-pgo-profile-train',
      ].toSorted((one, other) => idsOf(both).indexOf(one) - idsOf(both).indexOf(other)),
    );
    for (const {stages} of both.distributions) {
      expect(stages).toContain('profile/3.14-x86_64-unknown-linux-gnu.2.17-pgo-profile-train');
    }
    expect(idsOf(plan([usual])).join()).not.toMatch(/instrument|profile/);
  });
});

describe('the id of a stage', () => {
  const optionSets: readonly BuildOptions[] = [
    ['noopt'],
    ['debug'],
    ['freethreaded', 'pgo', 'lto'],
  ];
  const everything = ['3.13', '3.14'].flatMap((python) =>
    ['2.17', '2.28', 'suite'].flatMap((glibc) =>
      toolchainKinds.flatMap((toolchain) =>
        sourceSets.flatMap((sourceSet) =>
          optionSets.map((options) => variant({python, glibc, toolchain, sourceSet, options})),
        ),
      ),
    ),
  );

  it('says all that the stage is made from: it is the same stage in every plan', () => {
    const seen = new Map<string, string>();
    const differing: string[] = [];
    for (const one of everything) {
      const {graph} = plan([one]);
      for (const [id, key] of stageKeys(graph)) {
        const stage = graph.stages.get(id);
        const own = stage === undefined ? '' : JSON.stringify(keyInputs(stage, (input) => input));
        const text = `${key}\n${own}`;
        if ((seen.get(id) ?? text) !== text) differing.push(`${id} of ${variantName(one)}`);
        seen.set(id, text);
      }
    }

    expect(differing).toEqual([]);
    expect(everything.length).toBe(72);
  });

  it('and it has the same key in a plan of all of them', () => {
    const all = stageKeys(plan(everything).graph);

    for (const one of everything) {
      for (const [id, key] of stageKeys(plan([one]).graph)) expect(all.get(id), id).toBe(key);
    }
  });

  it('is a short and safe name of a folder', () => {
    for (const id of idsOf(plan(everything))) {
      expect(id).toMatch(/^[a-z0-9_.+/-]+$/);
      expect(encodeURIComponent(id).length).toBeLessThan(200);
    }
  });

  it('names Python and build options where a recipe has a `when:` on them', () => {
    const zlib = withPatch('zlib', {python: '>=3.14'});
    const sqlite = withPatch('zlib', {options: ['debug']});

    const ids = [zlib, sqlite].map((recipes) =>
      idsOf(plan([usual, variant({python: '3.13'})], {...project, recipes})).filter((id) =>
        /^dependency\/(zlib|xz)\//.test(id),
      ),
    );

    expect(ids[0]?.toSorted()).toEqual([
      'dependency/xz/x86_64-unknown-linux-gnu.2.17',
      'dependency/zlib/3.13-x86_64-unknown-linux-gnu.2.17',
      'dependency/zlib/3.14-x86_64-unknown-linux-gnu.2.17',
    ]);
    expect(ids[1]?.toSorted()).toEqual([
      'dependency/xz/x86_64-unknown-linux-gnu.2.17',
      'dependency/zlib/x86_64-unknown-linux-gnu.2.17-noopt',
    ]);
  });

  it('names Python where a part of a patch is limited to some', () => {
    const zlib = withPatch('zlib', {});
    const folder = zlib.get('zlib');
    const patches = new Map([['0001-some.patch', [{when: {python: '>=3.14'}, values: ['text']}]]]);
    const recipes = new Map([
      ...zlib,
      ...(folder ? [['zlib', {...folder, patches}] as const] : []),
    ]);

    expect(idsOf(plan([usual], {...project, recipes}))).toContain(
      'dependency/zlib/3.14-x86_64-unknown-linux-gnu.2.17',
    );
  });

  function withPatch(name: string, when: object): ReadonlyMap<string, RecipeFolder> {
    return new Map(
      [...project.recipes].map(([key, folder]) => {
        const patches = [{when, values: ['0001-some.patch']}];
        const recipe = key === name ? {...folder.recipe, patches} : folder.recipe;
        const text: PatchSections = [{when: {}, values: ['text']}];
        return [
          key,
          {...folder, recipe, patches: new Map([...folder.patches, ['0001-some.patch', text]])},
        ];
      }),
    );
  }
});
