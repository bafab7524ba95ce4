import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {buildMachine} from '../../../src/core/build-machine.js';
import {archiveName} from '../../../src/distribution/archive-name.js';
import {parseAssetName} from '../../../src/policy/archive-identity.js';

const project = await loadProject();

/** What the ABI of each processor says, by Debian's name of its folders: class and machine of ELF files, the loader. */
const processors: Readonly<Record<string, readonly [32 | 64, number, string, string]>> = {
  'aarch64-linux-gnu': [64, 183, '/lib/ld-linux-aarch64.so.1', 'AArch64'],
  'arm-linux-gnueabihf': [32, 40, '/lib/ld-linux-armhf.so.3', 'ARM'],
  'loongarch64-linux-gnu': [64, 258, '/lib64/ld-linux-loongarch-lp64d.so.1', 'LoongArch'],
  'powerpc64le-linux-gnu': [64, 21, '/lib64/ld64.so.2', 'PowerPC'],
  'riscv64-linux-gnu': [64, 243, '/lib/ld-linux-riscv64-lp64d.so.1', 'RISCV'],
  's390x-linux-gnu': [64, 22, '/lib/ld64.so.1', 'SystemZ'],
  'x86_64-linux-gnu': [64, 62, '/lib64/ld-linux-x86-64.so.2', 'X86'],
};

describe.each([...project.targets.values()])('targets/$triple.yaml', (target) => {
  const sysroot = project.images.get(`sysroot/${target.triple}`);

  it('fits what the ABI of its processor says', () => {
    const {elf, loader, llvm} = target;

    expect([elf.class, elf.machine, loader, llvm]).toEqual(processors[target.multiarch]);
  });

  it('has names that fit one another', () => {
    expect(target.gnu.replace('-unknown-', '-')).toBe(target.multiarch);
    expect(target.platform).toMatch(/^linux-/);
  });

  it('has a name that archives can be named and told by', () => {
    const identity = {python: '3.14.7', targetTriple: target.triple, flavour: 'full'} as const;
    const fileName = archiveName({...identity, options: ['noopt'], sourceDateEpoch: 0});

    expect(parseAssetName(fileName)?.targetTriple).toBe(target.triple);
  });

  it('has a sysroot', () => {
    expect(sysroot?.definition).toMatchObject({
      name: `sysroot-${target.triple}`,
      kind: 'sysroot',
    });
  });

  it('says which glibc its sysroot has', () => {
    const libc = sysroot?.lock.packages.find(({name}) => name === 'libc6');

    expect(libc?.version).toMatch(
      new RegExp(`^${target.glibc.newest.replaceAll('.', String.raw`\.`)}[^.\\d]`),
    );
  });
});

describe('the machine that builds', () => {
  it('is a target: the one that is built when nobody names one', () => {
    const target = project.targets.get(buildMachine.gnu);

    expect(target).toMatchObject({
      gnu: buildMachine.gnu,
      multiarch: buildMachine.multiarch,
      llvm: buildMachine.llvm,
    });
    expect(target?.loader.split('/').at(-1)).toBe(buildMachine.loader);
  });

  it('is what every image with programs is for', () => {
    const rootfs = [...project.images].filter(([, {definition}]) => definition.kind === 'rootfs');

    expect(rootfs.length).toBeGreaterThan(3);
    for (const [, {definition}] of rootfs) {
      expect(definition.architecture).toBe(buildMachine.architecture);
    }
  });
});
