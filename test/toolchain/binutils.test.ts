import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {openRealToolchain, type RealToolchain} from '../support/real-toolchain.js';
import {needsBeyondGlibc, programsOf} from '../support/tools.js';

let real: RealToolchain;

beforeAll(async () => {
  real = await openRealToolchain(['toolchain/binutils']);
});
afterAll(() => real[Symbol.asyncDispose]());

describe('binutils, built from source by the seed compiler', () => {
  it('needs nothing of the seed image but its C library', async () => {
    const programs = await programsOf(real.artifact('toolchain/binutils').hostPath);

    expect(programs.map(({file}) => file)).toEqual(expect.arrayContaining(['bin/as', 'bin/ld']));
    expect(needsBeyondGlibc(programs)).toEqual([]);
  });

  it('is what a compiler in the same sandbox assembles and links with', async () => {
    const tools = {guestPath: '/tools', artifacts: [real.artifact('toolchain/binutils')]};
    const program = 'int main(void) { return 0; }\n';

    const {output} = await real.run(
      real.artifact('rootfs/bootstrap'),
      'gcc -v -Wl,--version -o program /src/program.c 2>&1 | grep -E "^GNU (assembler|ld)"\n' +
        'gcc -o program /src/program.c && ./program && echo ran\n',
      {mounts: [tools], sources: new Map([['program.c', {kind: 'text', text: program}]])},
    );

    expect(output).toMatch(/^GNU assembler version 2\.44 .*\nGNU ld .*2\.44.*\nran\n$/);
  });
});
