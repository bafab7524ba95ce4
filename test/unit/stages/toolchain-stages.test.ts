import * as v from 'valibot';
import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import {sourceSets} from '../../../src/core/target.js';
import {toolchainKinds, type ToolchainKind} from '../../../src/core/toolchain.js';
import {distributionParameters} from '../../../src/distribution/parameters.js';
import {stageKeys} from '../../../src/graph/key.js';
import type {SandboxStage, Stage} from '../../../src/graph/stage.js';
import {selectSource} from '../../../src/recipe/select-source.js';
import {planDistribution, type Plan} from '../../../src/stages/plan.js';
import {
  planToolchain,
  seedImage,
  toolchainStageIds,
  usualToolchain,
  type ToolchainRequest,
} from '../../../src/stages/toolchain-stages.js';
import {buildMachine} from '../../../src/core/build-machine.js';

const project = await loadProject();
const usual: ToolchainRequest = {sourceSet: 'debian', ...usualToolchain(buildMachine)};
const ids = toolchainStageIds(usual);

function toolchain(request: Partial<ToolchainRequest> = {}) {
  return valueOrThrow(planToolchain(project, {...usual, ...request})).graph;
}

function distribution(kind: ToolchainKind): Plan {
  const request = {
    python: '3.14',
    target: 'x86_64-unknown-linux-gnu',
    options: 'noopt',
    sourceSet: 'debian',
    glibc: undefined,
    releaseEpoch: undefined,
  } as const;
  return valueOrThrow(planDistribution(project, {...request, toolchain: kind}));
}

function sandboxStages(stages: Iterable<Stage>): readonly SandboxStage[] {
  return [...stages].flatMap((stage) => (stage.kind === 'sandbox' ? [stage] : []));
}

/** What runs in a sandbox but to build the toolchain itself. */
function usersOf({graph}: Plan): readonly SandboxStage[] {
  return sandboxStages(graph.stages.values()).filter(({id}) => !id.startsWith('toolchain/'));
}

function toolsOf({mounts}: SandboxStage): readonly string[] {
  return mounts.filter(({guestPath}) => guestPath === '/tools').flatMap(({stages}) => stages);
}

describe('the toolchain bootstrap', () => {
  // A change here means that whoever has built it builds it again, which takes hours.
  it('has the golden keys', () => {
    const keys = sourceSets.map((sourceSet) => [
      sourceSet,
      Object.fromEntries(stageKeys(toolchain({sourceSet, hasBolt: true}))),
    ]);

    expect(Object.fromEntries(keys)).toMatchInlineSnapshot(`
      {
        "debian": {
          "rootfs/bootstrap": "0e4c60b52beccf8dbcf563c7f0bd1da2a11dbb885d5883cf17e5191e48774529",
          "toolchain/binutils/debian-sources": "75815816dc85aef9dac590ec42fcfc39555314383e1de81f691cab605c0ad2d1",
          "toolchain/cmake/debian-sources": "842862f4e00d6d9fe582fa9f90c7e214d4573b372b2208619523e615821d6ba8",
          "toolchain/gcc/debian-sources": "167ce50900823fd781559fa47b25f82ae7b81fc56386b162232df85686e81a69",
          "toolchain/llvm-bolt/debian-sources": "58123a9c1deb60fa535dace3f12e022d5534d89f95e4d8ed3d8ec434132c7b6e",
          "toolchain/llvm/debian-sources": "303a09bf5a411b1112759075ee03e240c5e478136c5f5958277035efa6a79fbb",
        },
        "upstream": {
          "rootfs/bootstrap": "0e4c60b52beccf8dbcf563c7f0bd1da2a11dbb885d5883cf17e5191e48774529",
          "toolchain/binutils": "dc7086fee2de34aa6ed69e397e0979bf5878ac308e4471fd4e967f4117845e1c",
          "toolchain/cmake": "842862f4e00d6d9fe582fa9f90c7e214d4573b372b2208619523e615821d6ba8",
          "toolchain/gcc": "7fb5a6f97f967667c4b160433eecf519e65af6a88ac9dc479184fb73519a2beb",
          "toolchain/llvm": "b86f98e17324b6f5e289cee0a53dc2e231d3bf680a80eb418af0bb7ba10ec14c",
          "toolchain/llvm-bolt": "05bc5d70bd503a9c17ed1107921977c156496dd83dafd8d434532d68515d6ee1",
        },
      }
    `);
  });

  it('builds each tool with those before it, the first ones with the seed image alone', () => {
    const stages = sandboxStages(toolchain({hasBolt: true}).stages.values());

    const {bolt, binutils, cmake, gcc, llvm} = ids;
    expect(stages.map((stage) => [stage.id, stage.rootfs, ...toolsOf(stage)])).toEqual([
      [cmake, seedImage],
      [binutils, seedImage],
      [gcc, seedImage, binutils],
      [llvm, seedImage, cmake, binutils, gcc],
      [bolt, seedImage, cmake, binutils, gcc],
    ]);
  });

  it('has llvm-bolt, and compilers for other processors, only where they are asked for', () => {
    const both = {...usual, llvmTargets: ['X86', 'AArch64']};
    const idsOfBoth = toolchainStageIds(both);
    const [plain, more] = [usual, {...both, hasBolt: true}].map((request) =>
      sandboxStages(toolchain(request).stages.values()),
    );

    const targets = (stages: typeof plain, llvm: string) =>
      stages?.flatMap(({id, environment}) => (id === llvm ? environment['LLVM_TARGETS'] : []));
    expect(plain?.map(({id}) => id)).not.toContain(ids.bolt);
    expect(targets(plain, ids.llvm)).toEqual(['X86']);
    expect(more?.map(({id}) => id)).toContain(idsOfBoth.bolt);
    expect(targets(more, idsOfBoth.llvm)).toEqual(['X86;AArch64']);
  });

  it('gives compilers for other processors a name of their own, and no other tool', () => {
    const {llvm, bolt, ...others} = toolchainStageIds({
      sourceSet: 'upstream',
      llvmTargets: ['AArch64', 'X86'],
    });

    expect([llvm, bolt]).toEqual(['toolchain/llvm/AArch64', 'toolchain/llvm-bolt/AArch64']);
    expect(others).toEqual({
      cmake: 'toolchain/cmake',
      binutils: 'toolchain/binutils',
      gcc: 'toolchain/gcc',
    });
  });

  it('resumes what takes long', () => {
    const stages = sandboxStages(toolchain({hasBolt: true}).stages.values());

    const {bolt, gcc, llvm} = ids;
    const resumed = stages.filter(({isResumable}) => isResumable === true);
    expect(resumed.map(({id}) => id)).toEqual([gcc, llvm, bolt]);
  });

  it("has LLVM in the version of Debian's toolchain, so that both read the same profiles", () => {
    const recipe = project.recipes.get('llvm')?.recipe;
    const packages = project.images.get('rootfs/build')?.lock.packages;

    const versions = sourceSets.map((set) => recipe && selectSource(recipe, set).version);

    const debian = packages?.find(({name}) => name === 'clang-22')?.version ?? '';
    const [, upstream] = /^\d+:([\d.]+)-/.exec(debian) ?? [];
    expect(versions).toEqual([upstream, upstream]);
  });

  it('is refused, with what is missing, in a project that lacks its image or a recipe', () => {
    const images = new Map([...project.images].filter(([id]) => id !== seedImage));
    const recipes = new Map([...project.recipes].filter(([name]) => name !== 'gcc'));

    const messages = [{images}, {recipes}].flatMap((change) => {
      const result = planToolchain({...project, ...change}, usual);
      return result.ok ? [] : result.diagnostics.map(({message}) => message);
    });

    expect(messages).toEqual([
      expect.stringMatching(/^docker\/bootstrap is missing/),
      expect.stringMatching(/^recipes\/gcc is missing/),
    ]);
  });
});

describe('a build by the toolchain bootstrap', () => {
  it('sees the toolchain in every stage that compiles, in an image without a compiler', () => {
    const users = usersOf(distribution('bootstrap'));

    const compiling = users.filter(({id}) => !/^(setup-files|smoke)\//.test(id));
    expect(users.map(({rootfs}) => rootfs)).toEqual(users.map(() => 'rootfs/base'));
    expect(compiling.map(toolsOf)).toEqual(compiling.map(() => [ids.llvm]));
    for (const {id, environment} of compiling) {
      expect(environment['PATH'], id).toMatch(/^\/tools\/bin:\/usr\/bin(:|$)/);
      expect(JSON.stringify({...environment, CFLAGS: ''}), id).not.toContain('llvm-22');
    }
  });

  it('differs from one by the toolchain debian in the toolchain alone', () => {
    const [debian, bootstrap] = toolchainKinds.map((kind) =>
      usersOf(distribution(kind)).map(({id, script, files, sources}) => ({
        id: id.replace(/-(?:bootstrap|debian-sources)/g, ''),
        script,
        files,
        sources,
      })),
    );

    expect(bootstrap).toEqual(debian);
  });
});

describe('the record of a build by the toolchain bootstrap', () => {
  it('has the sources of the toolchain, the packages of the seed, and the toolchain itself', () => {
    const stages = [...distribution('bootstrap').graph.stages.values()];
    const stage = stages.find(({id}) => id.endsWith('/metadata'));
    if (stage?.kind !== 'host') throw new Error('there is no metadata');

    const {toolchain, buildRecord} = v.parse(distributionParameters, stage.parameters);

    expect(stage.inputs['toolchain']).toBe(ids.llvm);
    expect(buildRecord).toMatchObject({toolchain: 'bootstrap'});
    expect(toolchain?.components.map(({name}) => name)).toEqual([
      'cmake',
      'binutils',
      'gcc',
      'llvm',
    ]);
    expect(toolchain?.components.flatMap(({sources}) => sources)).toHaveLength(4);
    expect(toolchain?.seedPackages).toMatchObject({
      'g++-10': {version: expect.any(String) as string},
    });
  });
});

describe('a build by the toolchain debian', () => {
  it('has no stage of the other, and nothing in /tools', () => {
    const plan = distribution('debian');

    expect([...plan.graph.stages.keys()].filter((id) => id.startsWith('toolchain/'))).toEqual([]);
    expect(usersOf(plan).flatMap(toolsOf)).toEqual([]);
  });
});
