import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {unpackImageFunction} from '../../../src/debian/host-function.js';
import {InternalError, valueOrThrow} from '../../../src/core/errors.js';
import {stageKeys} from '../../../src/graph/key.js';
import type {SandboxStage} from '../../../src/graph/stage.js';
import {planDistribution, type Plan} from '../../../src/stages/plan.js';
import {x86Target} from '../../support/targets.js';

const project = await loadProject(path.resolve(import.meta.dirname, '../../..'));

function plan(glibc: string | undefined): Plan {
  const request = {
    python: '3.14',
    target: 'x86_64-unknown-linux-gnu',
    options: 'noopt',
    toolchain: 'debian',
    sourceSet: 'upstream',
    glibc,
    releaseEpoch: undefined,
  } as const;
  return valueOrThrow(planDistribution(project, request));
}

const sandboxStages = ({graph}: Plan): readonly SandboxStage[] =>
  [...graph.stages.values()].filter((stage) => stage.kind === 'sandbox');

const target = 'x86_64-unknown-linux-gnu';

describe('the stages of a sysroot', () => {
  it('are three with a floor: packages, texts, libraries', () => {
    const {graph} = plan('2.17');

    expect(graph.stages.get(`suite/${target}`)).toMatchObject({
      kind: 'host',
      function: unpackImageFunction,
    });
    expect(graph.stages.get(`glibc-floor/${target}.2.17`)).toMatchObject({
      kind: 'host',
      parameters: {floor: '2.17', multiarch: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2'},
    });
    expect(graph.stages.get(`sysroot/${target}.2.17`)).toMatchObject({
      kind: 'sandbox',
      rootfs: 'rootfs/build',
    });
  });

  it('are one without: the packages as they are, under the key that they always had', () => {
    const {graph} = plan('suite');

    const sysroot = `sysroot/${target}`;
    expect(graph.stages.get(sysroot)).toMatchObject({kind: 'host', function: unpackImageFunction});
    expect(stageKeys(graph).get(sysroot)).toBe(
      stageKeys(plan('2.17').graph).get(`suite/${target}`),
    );
    expect([...graph.stages.keys()].join(' ')).not.toMatch(/suite|floor/);
  });

  it('are the usual floor when nobody names one', () => {
    expect([...stageKeys(plan(undefined).graph)]).toEqual([...stageKeys(plan('2.17').graph)]);
    expect(plan(undefined).distributions[0]?.variant.glibcFloor).toBe('2.17');
  });

  it('are others for another floor', () => {
    const [first, second] = ['2.17', '2.28'].map((floor) =>
      stageKeys(plan(floor).graph).get(`sysroot/${target}.${floor}`),
    );
    expect([typeof first, typeof second]).toEqual(['string', 'string']);
    expect(first).not.toBe(second);
  });
});

describe('a sysroot of another processor', () => {
  const arm = {
    ...x86Target,
    triple: 'aarch64-unknown-linux-gnu',
    gnu: 'aarch64-unknown-linux-gnu',
    multiarch: 'aarch64-linux-gnu',
    llvm: 'AArch64',
    loader: '/lib/ld-linux-aarch64.so.1',
  };
  const planned = (toolchain: 'debian' | 'bootstrap') => {
    const request = {
      python: '3.14',
      target: arm.triple,
      options: 'noopt',
      toolchain,
      sourceSet: 'upstream',
      glibc: '2.17',
      releaseEpoch: undefined,
    } as const;
    const image = project.images.get(`sysroot/${target}`);
    if (image === undefined) throw new InternalError(target);
    const two = {
      ...project,
      targets: new Map([...project.targets, [arm.triple, arm]]),
      images: new Map([...project.images, [`sysroot/${arm.triple}`, image]]),
    };
    return valueOrThrow(planDistribution(two, request)).graph.stages;
  };

  it('has its own folders and the loader where its programs look for it', () => {
    const stages = planned('debian');

    expect(stages.get(`glibc-floor/${arm.triple}.2.17`)).toMatchObject({
      parameters: {multiarch: arm.multiarch, loader: 'ld-linux-aarch64.so.1'},
    });
    const {script} = stages.get(`sysroot/${arm.triple}.2.17`) as SandboxStage;
    expect(script).toContain('folder=aarch64-linux-gnu\n');
    expect(script).toContain('clang --target=aarch64-unknown-linux-gnu ');
    expect(script).toContain(
      'mkdir -p /out/lib\nln -s aarch64-linux-gnu/ld-linux-aarch64.so.1 /out/lib/ld-linux-aarch64.so.1\n',
    );
  });

  it('needs a toolchain from source that knows both processors', () => {
    expect(planned('bootstrap').get('toolchain/llvm/AArch64')).toMatchObject({
      environment: {LLVM_TARGETS: 'AArch64;X86'},
    });
  });
});

describe('every stage that compiles', () => {
  const compiling = (made: Plan) =>
    sandboxStages(made).filter(({id}) => /^(?:dependency|cpython)\//.test(id));

  it('has the config.site of a floor', () => {
    const stages = compiling(plan('2.17'));

    expect(stages.length).toBeGreaterThan(10);
    for (const {environment} of stages) {
      expect(environment['CONFIG_SITE']).toBe('/sysroot/usr/share/config.site');
    }
  });

  it('has none without a floor', () => {
    for (const {environment} of compiling(plan('suite'))) {
      expect(environment).not.toHaveProperty('CONFIG_SITE');
    }
  });

  it('compiles and links against the sysroot alone', () => {
    for (const {environment, mounts} of compiling(plan('2.17'))) {
      expect(environment['CFLAGS']?.split(' ')).toContain('--sysroot=/sysroot');
      expect(environment['CPPFLAGS']?.split(' ')).toContain('--sysroot=/sysroot');
      expect(environment['LDFLAGS']?.split(' ')).toContain('--sysroot=/sysroot');
      expect(mounts).toContainEqual({guestPath: '/sysroot', stages: [`sysroot/${target}.2.17`]});
    }
  });
});
