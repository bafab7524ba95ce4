import {describe, expect, it} from 'vitest';
import {findStages, matchStage, shortStageName} from '../../../src/builder/find-stage.js';
import {loadProject} from '../../../src/builder/load-project.js';
import type {CommonOptions} from '../../../src/builder/options.js';

const target = 'x86_64-unknown-linux-gnu.2.17';
const shared = ['rootfs/build', `sysroot/${target}`, `dependency/zlib/${target}`];
const stages = [...shared, ...stagesOf('3.14', 'noopt')];
const matrix = [...stages, ...stagesOf('3.13', 'noopt'), ...stagesOf('3.14', 'debug')];

function stagesOf(python: string, options: string): readonly string[] {
  const name = `${python}-${target}-${options}`;
  return [
    `setup-local/cpython-${python}-x86_64-unknown-linux-gnu-${options}`,
    `cpython/${name}`,
    `distribution/${name}/full`,
    `validation/${name}/full`,
  ];
}

describe('the stage that a person means', () => {
  it.each([
    [`dependency/zlib/${target}`, `dependency/zlib/${target}`],
    ['dependency/zlib', `dependency/zlib/${target}`],
    ['zlib', `dependency/zlib/${target}`],
    ['sysroot/x86_64-unknown-linux-gnu', `sysroot/${target}`],
    ['cpython', `cpython/3.14-${target}-noopt`],
    ['setup-local', `setup-local/cpython-3.14-x86_64-unknown-linux-gnu-noopt`],
    ['setup-local/cpython-3.14', `setup-local/cpython-3.14-x86_64-unknown-linux-gnu-noopt`],
    ['distribution/full', `distribution/3.14-${target}-noopt/full`],
  ])('%s is %s', (name, stage) => {
    expect(matchStage(name, stages)).toBe(stage);
  });

  it.each([
    ['zlib', `dependency/zlib/${target}`],
    ['cpython/3.13', `cpython/3.13-${target}-noopt`],
    ['cpython/debug', `cpython/3.14-${target}-debug`],
    ['distribution/3.14-noopt/full', `distribution/3.14-${target}-noopt/full`],
  ])('among many distributions %s is %s', (name, stage) => {
    expect(matchStage(name, matrix)).toBe(stage);
  });

  it.each(['cpython', 'cpython/3.14', 'distribution/full', 'debug', '3.13'])(
    'is asked for again, with those that it may be, when several have the name (%s)',
    (name) => {
      expect(() => matchStage(name, matrix)).toThrow(/matches several stages; name one:\n/);
    },
  );

  it('may be any of several for one distribution too', () => {
    expect(() => matchStage('full', stages)).toThrow(
      `"full" matches several stages; name one:\n  distribution/3.14-${target}-noopt/full\n  validation/`,
    );
  });

  it.each([
    ['zlb', 'zlib'],
    ['dependency/zlbi', 'dependency/zlib'],
    ['cpyhton', 'cpython'],
    [`dependency/zib/${target}`, `dependency/zlib/${target}`],
  ])('is suggested for a mistyped name: for %s, %s', (name, nearest) => {
    expect(() => matchStage(name, stages)).toThrow(
      `unknown stage "${name}". Did you mean ${nearest}?\nNext: ampoule plan`,
    );
  });

  it.each(['zlib/dependency', 'gnu/zlib', ''])(
    'is none for a name that is near none (%j)',
    (name) => {
      expect(() => matchStage(name, stages)).toThrow(
        `unknown stage "${name}".\nNext: ampoule plan`,
      );
    },
  );
});

const options: CommonOptions = {
  ...{target: 'x86_64-unknown-linux-gnu', options: 'noopt', toolchain: 'debian'},
  ...{sources: 'upstream', executor: 'local', jobs: 1, progress: 'quiet'},
  ...{store: '/somewhere', output: 'dist'},
};

it('is told as mistyped also where a Python has no such source', async () => {
  const project = await loadProject();

  expect(() => findStages(['zlbi'], project, options, 'debian')).toThrow(
    'unknown stage "zlbi". Did you mean zlib?',
  );
});

it('has a short name that means the stage and no other', () => {
  expect(stages.map((stage) => shortStageName(stage, stages))).toContain('dependency/zlib');
  expect(stages.map((stage) => shortStageName(stage, stages))).toContain('distribution/full');
  for (const stage of matrix) expect(matchStage(shortStageName(stage, matrix), matrix)).toBe(stage);
});
