import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {makePlan, makeVariants} from '../../../src/builder/make-plan.js';
import {marksOf} from '../../../src/builder/mark-plan.js';
import {graphOfSandbox} from '../../../src/builder/open-executor.js';
import type {CommonOptions} from '../../../src/builder/options.js';
import {withPythonTree} from '../../../src/builder/python-tree/with-python-tree.js';
import {rerunOptionsOf} from '../../../src/builder/rerun-options.js';
import {sha256} from '../../../src/core/digest.js';
import {stageKeys} from '../../../src/graph/key.js';
import {parseAssetName} from '../../../src/policy/archive-identity.js';
import {planDevelop} from '../../../src/stages/develop-stage.js';
import type {Plan} from '../../../src/stages/plan.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import type {Project} from '../../../src/stages/project.js';

const pinned = await loadProject();
const options: CommonOptions = {
  ...{target: 'x86_64-unknown-linux-gnu', options: 'noopt', toolchain: 'debian'},
  ...{sources: 'upstream', executor: 'local', jobs: 1, progress: 'quiet'},
  ...{store: '/somewhere', output: 'dist'},
};
const withTree = (version: string, likePython = version, content = 'a'): Project =>
  withPythonTree(
    pinned,
    {folder: '/home/me/cpython', version, likePython},
    {sha256: sha256(content), sizeBytes: 1},
  );
const planOf = (project: Project, more: Partial<CommonOptions> = {}): Plan =>
  makePlan(project, {...options, ...more}, 'upstream');
const nameOf = (options = 'noopt') => `3.14-x86_64-unknown-linux-gnu.2.17-${options}-own-tree`;
const keysOf = (plan: Plan) => stageKeys(plan.graph);
const scriptOf = (plan: Plan, id: string): string => {
  const stage = plan.graph.stages.get(id);
  return stage?.kind === 'sandbox' ? stage.script : '';
};

describe("a plan of a developer's own tree", () => {
  it('shares libraries with that of the pinned source, and nothing that its source decides', () => {
    const own = planOf(withTree('3.14.7'));
    const usual = planOf(pinned, {python: '3.14'});

    const shared = [...own.graph.stages.keys()].filter((id) => usual.graph.stages.has(id));
    const rest = [...own.graph.stages.keys()].filter((id) => !usual.graph.stages.has(id));
    expect(shared.map((id) => keysOf(own).get(id))).toEqual(
      shared.map((id) => keysOf(usual).get(id)),
    );
    expect(rest.every((id) => id.includes('own-tree'))).toBe(true);
    expect(rest).toContain(`cpython/${nameOf()}`);
    expect(shared).toContain('dependency/zlib/x86_64-unknown-linux-gnu.2.17');
  });

  it('has no profile that could be trained beforehand: the error says what else to do', () => {
    const none = {...withTree('3.14.7'), profiles: new Map()};

    expect(() => planOf(none, {options: 'pgo'})).toThrow(
      /pgo needs this profile\.\nNext: build with --profile train, which trains in the build/,
    );
  });

  it.each(['noopt', 'debug'])('has other keys for another content, with %s', (words) => {
    const keyOf = (content: string) =>
      keysOf(planOf(withTree('3.14.7', '3.14.7', content), {options: words})).get(
        `cpython/${nameOf(words)}`,
      );

    expect(keyOf('a')).not.toBe(keyOf('b'));
  });

  it('has marks, archive names and commands of its own', () => {
    const plan = planOf(withTree('3.14.7'));
    const usual = planOf(pinned, {python: '3.14'});
    const marks = (of: Plan) => marksOf(of, graphOfSandbox(pinned), {}).map(({subject}) => subject);
    const names = (of: Plan) => of.distributions[0]?.archives.map(({fileName}) => fileName) ?? [];
    const rerun = rerunOptionsOf(plan, {...options, pythonSource: '../my tree'});

    expect(marks(plan)).toEqual([`cpython-${nameOf()}`]);
    expect(marks(plan)).not.toEqual(marks(usual));
    expect(names(plan)[0]).toMatch(
      /^cpython-3\.14\.7\+\d{8}\.tree-x86_64-unknown-linux-gnu-noopt-full/,
    );
    expect(names(plan).map((name) => parseAssetName(name)?.python)).toEqual(
      names(plan).map(() => '3.14.7'),
    );
    expect(rerun(`cpython/${nameOf()}`).plan).toContain(" --python-source '../my tree'");
  });

  it('of a series that no recipe has takes conditions and patches of the nearest one', () => {
    const like = planOf(withTree('3.14.7'));
    const newer = planOf(withTree('3.99.0a2', '3.14.7'));

    const [id] = [...newer.graph.stages.keys()].filter((stage) => stage.startsWith('cpython/'));
    expect(id).toBe(`cpython/${nameOf().replace('3.14', '3.99')}`);
    expect(scriptOf(newer, id ?? '')).toBe(scriptOf(like, `cpython/${nameOf()}`));
    expect(newer.distributions[0]?.archives[0]?.fileName).toMatch(/^cpython-3\.99\.0a2\+/);
  });

  it('says of a patch that does not apply what it is for and what to do', () => {
    const script = scriptOf(planOf(withTree('3.14.7')), `cpython/${nameOf()}`);
    const usual = scriptOf(
      planOf(pinned, {python: '3.14'}),
      `cpython/${nameOf().replace('-own-tree', '')}`,
    );

    expect(script).toContain('does not apply to this tree. What it is for:');
    expect(script).toContain('Next: adapt recipes/cpython/0007-');
    expect(usual).not.toContain('this tree');
  });

  it('refuses another Python', () => {
    expect(() => planOf(withTree('3.14.7'), {python: '3.13'})).toThrow(
      /\/home\/me\/cpython is CPython 3\.14\.7, not "3\.13": leave --python out/,
    );
  });
});

describe('what develops a tree', () => {
  const scriptWith = (words: string): string => {
    const project = withTree('3.14.7');
    const [variant] = makeVariants(project, {...options, options: words}, 'upstream');
    if (variant === undefined) throw new Error('no variant');
    return valueOrThrow(planDevelop(project, variant)).stage.script;
  };

  it('refuses options for which this version needs a patch, and takes them where it needs none', () => {
    const planWith = (version: string) => {
      const project = withTree(version);
      const [variant] = makeVariants(project, {...options, options: 'noopt+jit'}, 'upstream');
      if (variant === undefined) throw new Error('no variant');
      return planDevelop(project, variant);
    };

    expect(() => valueOrThrow(planWith('3.14.7'))).toThrow(
      /needs 0030-\S+ for it, and a developer's tree is not patched\.\nName other options/,
    );
    // A shell beside it has what make reads from the environment.
    expect(valueOrThrow(planWith('3.15.0')).exports).toContain('export LLVM_VERSION CFLAGS_JIT');
  });

  it.each([
    ['debug+ubsan', '-fsanitize-undefined-strip-path-components', true],
    ['debug', '-fsanitize-', false],
    // Upstream's own link-time optimization, not that of distributions.
    ['lto', 'AMPOULE_LTO_CFLAGS', false],
  ])('passes, with %s, what sanitizers need: %s is %s', (words, argument, isGiven) => {
    expect(scriptWith(words).includes(argument)).toBe(isGiven);
  });

  it.each([
    ['noopt', []],
    ['debug', ['--with-pydebug']],
    ['freethreaded+noopt', ['--disable-gil']],
  ])('configures with the arguments of %s and no other of the recipe', (words, wanted) => {
    const project = withTree('3.14.7');
    const [variant] = makeVariants(project, {...options, options: words}, 'upstream');
    if (variant === undefined) throw new Error('no variant');
    const {stage, inputs} = valueOrThrow(planDevelop(project, variant, 'rootfs/develop'));

    const configure = /^configure_tree( --.*)?$/m.exec(stage.script)?.[1]?.trim().split(' ') ?? [];
    expect(configure.filter((word) => word !== '')).toEqual(wanted);
    expect(stage.environment['CFLAGS']).not.toContain('prefix-map');
    expect([...inputs.stages.keys()]).toEqual(
      expect.arrayContaining([
        'rootfs/build',
        'rootfs/develop',
        'dependency/openssl/x86_64-unknown-linux-gnu.2.17',
      ]),
    );
    expect([...inputs.stages.keys()].filter((id) => id.startsWith('cpython/'))).toEqual([]);
  });
});
