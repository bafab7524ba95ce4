import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {openRealToolchain, type RealToolchain} from '../support/real-toolchain.js';
import {needsBeyondGlibc, programsOf} from '../support/tools.js';

const sysroot = 'sysroot/x86_64-unknown-linux-gnu';
const bolt = 'toolchain/llvm-bolt';

let real: RealToolchain;

beforeAll(async () => {
  real = await openRealToolchain(['toolchain/llvm', bolt, 'rootfs/base', sysroot]);
});
afterAll(() => real[Symbol.asyncDispose]());

const program = `#include <stdio.h>
static int odd(int number) { return number % 2; }
int main(void) {
  int count = 0;
  for (int number = 0; number < 1000; number++) if (odd(number)) count++;
  return printf("%d\\n", count) < 0;
}
`;

describe('llvm-bolt, built from source', () => {
  it('needs nothing of the image that it was built in but a C library', async () => {
    const programs = await programsOf(real.artifact(bolt).hostPath);

    expect(programs.map(({file}) => file)).toContain('bin/llvm-bolt');
    expect(needsBeyondGlibc(programs)).toEqual([]);
  });

  it('measures a program with its runtime, and lays the program out by that', async () => {
    const {output} = await real.run(
      real.artifact('rootfs/base'),
      `clang --sysroot=/sysroot -fuse-ld=lld -O1 -Wl,--emit-relocs -o program /src/program.c
llvm-bolt program -instrument -instrumentation-file=profile -o measured >log 2>&1 || { cat log; exit 1; }
./measured
grep -c ' main ' profile
llvm-bolt program -data profile -reorder-blocks=ext-tsp -o faster >log 2>&1 || { cat log; exit 1; }
./faster
`,
      {
        mounts: [
          {guestPath: '/tools', artifacts: [real.artifact('toolchain/llvm'), real.artifact(bolt)]},
          {guestPath: '/sysroot', artifacts: [real.artifact(sysroot)]},
        ],
        sources: new Map([['program.c', {kind: 'text', text: program}]]),
      },
    );

    expect(output).toMatch(/^500\n[1-9]\d*\n500\n$/);
  });
});
