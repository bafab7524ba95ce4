import {describe, expect, it} from 'vitest';
import {requireOwnFiles} from '../../../src/builder/build-plan.js';
import {loadProject} from '../../../src/builder/load-project.js';
import {makePlan} from '../../../src/builder/make-plan.js';
import {marksOf} from '../../../src/builder/mark-plan.js';
import {graphOfSandbox} from '../../../src/builder/open-executor.js';
import type {CommonOptions} from '../../../src/builder/options.js';
import {rerunOptions, rerunOptionsOf} from '../../../src/builder/rerun-options.js';
import type {Plan} from '../../../src/stages/plan.js';
import type {PlanMark} from '../../../src/store/store.js';

const project = await loadProject();
const usual: CommonOptions = {
  target: 'x86_64-unknown-linux-gnu',
  options: 'noopt',
  toolchain: 'debian',
  sources: 'upstream',
  executor: 'local',
  jobs: 1,
  store: '/somewhere',
  output: 'dist',
  progress: 'quiet',
};

function plan(changes: Partial<CommonOptions> = {}): Plan {
  const options = {...usual, ...changes};
  const sourceSet = options.sources === 'debian' ? 'debian' : 'upstream';
  return makePlan(project, options, sourceSet);
}

const unordered = ({sources, texts, ...rest}: PlanMark) => ({
  ...rest,
  sources: new Set(sources),
  texts: new Set(texts),
});

const marksFor = (changes: Partial<CommonOptions>) =>
  marksOf(plan(changes), graphOfSandbox(project), {project: '/checkout'});

describe('the mark of a plan', () => {
  it.each<[string, Partial<CommonOptions>]>([
    ['Python', {python: '3.13'}],
    ['options', {options: 'debug'}],
    ['floor', {glibc: '2.28'}],
    ['toolchain', {toolchain: 'bootstrap'}],
    ['source set', {sources: 'debian'}],
  ])('is another for another %s', (_what, changes) => {
    expect(marksFor(changes)[0]?.subject).not.toBe(marksFor({})[0]?.subject);
  });

  it('is the same for another release tag: the archives of yesterday are not kept', () => {
    const [dated] = marksFor({releaseTag: '20260101'});

    expect(dated?.subject).toBe(marksFor({})[0]?.subject);
  });

  it('is one for each variant of a list, as if that one alone were planned', () => {
    const both = marksFor({python: '3.13,3.14'});

    const alone = [...marksFor({python: '3.13'}), ...marksFor({python: '3.14'})];
    expect(both.map(unordered)).toEqual(alone.map(unordered));
  });
});

describe('what makes another command mean the same', () => {
  const listed = {
    ...usual,
    python: 'cpython-3.13,3.14.7',
    options: 'pgo+lto,debug',
    glibc: '2.28',
    releaseTag: '20260101',
  };

  it('names all that was asked for, for all of it', () => {
    expect(rerunOptions(listed).plan).toBe(
      ' --python cpython-3.13,3.14.7 --options pgo+lto,debug --glibc 2.28 --sources upstream' +
        ' --release-tag 20260101 --store /somewhere',
    );
  });

  it('names the variant of a stage', () => {
    const options = {...listed, profile: 'none'} as const;
    const rerun = rerunOptionsOf(plan(options), options);

    const of = (python: string, options: string) =>
      rerun(`cpython/${python}-x86_64-unknown-linux-gnu.2.28-${options}`).plan;
    const rest = ' --glibc 2.28 --sources upstream --release-tag 20260101 --store /somewhere';
    // Those of the target go without saying.
    expect(of('3.13', 'pgo+lto-profile-none')).toBe(` --python 3.13 --profile none${rest}`);
    expect(of('3.14', 'debug')).toBe(` --python 3.14 --options debug${rest}`);
  });

  it("names a tree's options, whose default is not that of the target", () => {
    const options = {...usual, options: 'pgo+lto', pythonSource: '/tree', profile: 'none'} as const;
    const rerun = rerunOptionsOf(plan(options), options);

    expect(rerun('rootfs/build').plan).toContain(' --options pgo+lto ');
  });

  it('leaves out what goes without saying', () => {
    const options = {...usual, options: 'pgo+lto', sources: 'auto'} as const;
    const rerun = rerunOptionsOf(plan(options), options);

    expect(rerun('rootfs/build').plan).toBe(' --store /somewhere');
  });
});

describe('two distributions that would be one file', () => {
  it('are refused with the file and both names', () => {
    const first = plan();
    const second = plan({glibc: '2.28'});
    const both = {
      ...first,
      distributions: [...first.distributions, ...second.distributions],
    };

    expect(() => requireOwnFiles(both)).toThrow(
      /3\.14-x86_64-unknown-linux-gnu\.2\.17-noopt and 3\.14-x86_64-unknown-linux-gnu\.2\.28-noopt .*cpython-3\.14\.7\+\d+-x86_64-unknown-linux-gnu-noopt-full\.tar\.zst/,
    );
  });

  it('are not a debug build and another: that has no archives for installers', () => {
    expect(() => requireOwnFiles(plan({options: 'noopt,debug'}))).not.toThrow();
  });
});
