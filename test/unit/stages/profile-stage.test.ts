import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {makePlan} from '../../../src/builder/make-plan.js';
import type {CommonOptions} from '../../../src/builder/options.js';
import {profileNotices} from '../../../src/builder/profile-notices.js';
import {rerunOptions} from '../../../src/builder/rerun-options.js';
import {sha256} from '../../../src/core/digest.js';
import {stageKeys} from '../../../src/graph/key.js';
import {profilePlace, type ProfileRecord} from '../../../src/profile/profile-record.js';
import type {Plan} from '../../../src/stages/plan.js';
import {sampleProfileRecord} from '../../support/profile-record.js';

const own = {...(await loadProject()), profiles: new Map()};
const options: CommonOptions = {
  ...{target: 'x86_64-unknown-linux-gnu', options: 'pgo', toolchain: 'debian', python: '3.14'},
  ...{sources: 'upstream', executor: 'local', jobs: 1, progress: 'quiet'},
  ...{store: '/somewhere', output: 'dist'},
};

function plan(
  more: Partial<CommonOptions> = {},
  record: ProfileRecord = sampleProfileRecord(),
): Plan {
  const profiles = new Map([
    [profilePlace(record), {record, hostPath: '/project/pgo.profdata.zst'}],
  ]);
  return makePlan({...own, profiles}, {...options, ...more}, 'upstream');
}

const variant = '3.14-x86_64-unknown-linux-gnu.2.17-pgo';
const profileStages = ({graph}: Plan) =>
  [...graph.stages.keys()].filter((id) => /^(?:instrumented|profile|cpython)/.test(id)).toSorted();
const changed = (before: Plan, after: Plan): readonly string[] => {
  const keys = stageKeys(after.graph);
  const differing = [...stageKeys(before.graph)].filter(([id, key]) => keys.get(id) !== key);
  return [...new Set(differing.map(([id]) => id.split('/')[0] ?? ''))].toSorted();
};

describe('a frozen profile', () => {
  it('is the source of a stage, without anything that is trained', () => {
    const made = plan();

    expect(profileStages(made)).toEqual([`cpython/${variant}`, `profile/${variant}`]);
    const {sha256: digest, size} = sampleProfileRecord();
    expect(made.graph.stages.get(`profile/${variant}`)?.sources).toEqual([
      {
        fileName: 'python.profdata.zst',
        ...{sha256: digest, sizeBytes: size},
        locations: [{kind: 'file', path: '/project/pgo.profdata.zst'}],
      },
    ]);
  });

  it('is shared by pgo and pgo+lto', () => {
    expect(profileStages(plan({options: 'pgo,pgo+lto'}))).toEqual([
      `cpython/${variant}`,
      `cpython/${variant}+lto`,
      `profile/${variant}`,
    ]);
  });

  it('changes the keys of what it optimizes, by its bytes alone', () => {
    const other = sampleProfileRecord({sha256: sha256('other')});

    expect(changed(plan(), plan({}, other))).toEqual([
      ...['cpython', 'distribution', 'profile', 'smoke', 'validation'],
    ]);
    expect(changed(plan(), plan({}, sampleProfileRecord({date: '2026-11-30'})))).toEqual([]);
    expect(changed(plan({options: 'noopt'}), plan({options: 'noopt'}, other))).toEqual([]);
  });

  it('that is missing is an error with the file, and what to do', () => {
    expect(() => plan({options: 'freethreaded+pgo+lto'})).toThrow(
      'profiles/3.14/x86_64-unknown-linux-gnu/freethreaded+pgo.profdata.zst: there is no such file, and a build with ' +
        'the option pgo needs this profile.\n' +
        'Next: ampoule profile train 3.14.7 --target x86_64-unknown-linux-gnu --options freethreaded+pgo --sources upstream --glibc 2.17 --toolchain debian\n' +
        'Or build with --profile train',
    );
  });

  it('from other inputs is told', () => {
    const [notice = '', ...others] = profileNotices(plan());

    expect(others).toEqual([]);
    expect(notice).toMatch(
      /^profiles\/3\.14\/x86_64-unknown-linux-gnu\/pgo\.profdata\.zst was made from other inputs: source [0-9a-f]{12}, here 3b48dac8fb59; clang 1:22\.1\.8-1, here 1:22/,
    );
    expect(notice).toMatch(/patch 0001-one\.patch \([0-9a-f]{12}\), not here; patch 0001-getpath/);
  });

  it('from the same inputs is not', () => {
    const [planned] = plan({profile: 'train'}).profiles;
    if (planned === undefined) throw new Error('nothing to train');

    expect(profileNotices(plan({}, {...sampleProfileRecord(), ...planned.inputs}))).toEqual([]);
  });
});

describe('a profile that is trained in the build', () => {
  it('has names of its own, and needs no file', () => {
    const made = plan({profile: 'train', options: 'freethreaded+pgo'});

    const name = '3.14-x86_64-unknown-linux-gnu.2.17-freethreaded+pgo-profile-train';
    expect(profileStages(made)).toEqual(
      ['cpython', 'instrumented', 'profile'].map((kind) => `${kind}/${name}`),
    );
  });

  it('has the same archive names, also beside a distribution without one', () => {
    const names = ({distributions}: Plan) =>
      distributions.flatMap(({archives}) => archives.map(({fileName}) => fileName));

    expect(names(plan({profile: 'train'}))).toEqual(names(plan()));
    expect(names(plan({profile: 'train', options: 'noopt,pgo'}))).toEqual(
      names(plan({options: 'noopt,pgo'})),
    );
  });

  it('is trained by programs of the user too, which change nothing else', () => {
    const train = {...options, profile: 'train'} as const;
    const task = {name: 'app.py', text: 'print(1)\n', sha256: sha256('x')};
    const profileTasks = [
      {...task, weight: 1},
      {...task, weight: 3},
    ];
    const made = makePlan({...own, profileTasks}, train, 'upstream');
    const plain = makePlan(own, train, 'upstream');

    const stage = made.graph.stages.get(`profile/${variant}-profile-train`);
    expect(stage).toMatchObject({
      environment: {PROFILE_TASKS: '1,tasks/0/app.py 3,tasks/1/app.py'},
      files: {'tasks/0/app.py': 'print(1)\n', 'tasks/1/app.py': 'print(1)\n'},
    });
    expect(changed(plain, made)).toEqual([
      'cpython',
      'distribution',
      'profile',
      'smoke',
      'validation',
    ]);
    const ids = ['instrumented', 'setup-local'];
    expect(changed(plain, made)).not.toEqual(expect.arrayContaining(ids));
  });

  it('is in the command that goes on after a failure', () => {
    const {distributions} = plan({profile: 'train', options: 'noopt,pgo'});

    const commands = distributions.map(
      ({variant: each}) => rerunOptions({...options, profile: 'train'}, each).plan,
    );
    expect(commands.map((command) => command.includes(' --profile train'))).toEqual([false, true]);
  });
});

describe('no profile', () => {
  it('leaves the configuration as it is', () => {
    const made = plan({profile: 'none'});

    expect(profileStages(made)).toEqual([`cpython/${variant}-profile-none`]);
    const script = (of: Plan, id: string) => {
      const stage = of.graph.stages.get(id);
      return stage?.kind === 'sandbox' ? stage.script : undefined;
    };
    expect(script(made, `cpython/${variant}-profile-none`)).toBe(
      script(plan(), `cpython/${variant}`),
    );
  });

  it('is refused where nothing uses one', () => {
    expect(() => plan({profile: 'none', options: 'noopt,lto'})).toThrow(
      '--profile none: only a build with the option pgo uses a profile, found --options noopt,lto',
    );
  });
});
