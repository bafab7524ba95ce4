import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {ExecutionMount, SourceFile} from '../../src/executor/executor.js';
import {openRealToolchain, type RealToolchain} from '../support/real-toolchain.js';
import {needsBeyondGlibc, programsOf} from '../support/tools.js';

const sysroot = 'sysroot/x86_64-unknown-linux-gnu';

let real: RealToolchain;
let mounts: readonly ExecutionMount[];

beforeAll(async () => {
  real = await openRealToolchain(['toolchain/llvm', 'rootfs/base', sysroot]);
  mounts = [
    {guestPath: '/tools', artifacts: [real.artifact('toolchain/llvm')]},
    {guestPath: '/sysroot', artifacts: [real.artifact(sysroot)]},
  ];
});
afterAll(() => real[Symbol.asyncDispose]());

const texts = {
  'program.c': '#include <stdio.h>\nint main(void) { return puts("C") < 0; }\n',
  'program.cc': `#include <stdio.h>
template <class T> struct Base { virtual T value() const { return {}; } };
struct Derived final : Base<const char *> { const char *value() const override { return "C++"; } };
int main() { Derived derived; const Base<const char *> &base = derived; return puts(base.value()) < 0; }
`,
};

async function run(script: string): Promise<string> {
  const sources = new Map(
    Object.entries(texts).map(([name, text]): [string, SourceFile] => [name, {kind: 'text', text}]),
  );
  return (await real.run(real.artifact('rootfs/base'), script, {mounts, sources})).output;
}

const compile = 'clang --sysroot=/sysroot -fuse-ld=lld';

describe('the toolchain bootstrap', () => {
  it('needs nothing of the image that it was built in but a C library', async () => {
    const programs = await programsOf(real.artifact('toolchain/llvm').hostPath);

    expect(programs.length).toBeGreaterThan(0);
    expect(needsBeyondGlibc(programs)).toEqual([]);
  });

  it('holds the programs that builds call, the headers and runtimes of clang, and no more', async () => {
    const folder = real.artifact('toolchain/llvm').hostPath;

    const top = await readdir(folder);
    const libraries = (await readdir(path.join(folder, 'lib'), {recursive: true})).filter((file) =>
      /\.(a|so)(\.|$)/.test(file),
    );

    expect(top.sort()).toEqual(['bin', 'lib']);
    expect(libraries.sort()).toEqual([
      'clang/22/lib/linux/libclang_rt.builtins-x86_64.a',
      'clang/22/lib/linux/libclang_rt.profile-x86_64.a',
    ]);
    const wanted = ['clang', 'clang++', 'ld.lld', 'llvm-ar', 'llvm-nm', 'llvm-objcopy'];
    const more = ['llvm-profdata', 'llvm-ranlib', 'llvm-readelf', 'llvm-strings', 'llvm-strip'];
    expect(await readdir(path.join(folder, 'bin'))).toEqual(
      expect.arrayContaining([...wanted, ...more]),
    );
  });

  it.each(['clang', compile])('looks in itself and in the sysroot alone (%s)', async (clang) => {
    const output = await run(
      `${clang} -v -E -x c /dev/null 2>&1 | sed -n '/^#include </,/^End/p' | grep '^ '\n` +
        `${clang} -print-search-dirs | tr '=:' '\\n\\n' | grep '^/' | xargs realpath -m\n`,
    );

    const folders = output
      .trim()
      .split('\n')
      .map((line) => line.trim());
    expect(folders.length).toBeGreaterThan(3);
    expect(folders.filter((folder) => !/^\/(tools|sysroot)(\/|$)/.test(folder))).toEqual([]);
  });

  it('compiles and links C and C++ where there is no other compiler and no libstdc++', async () => {
    const output = await run(
      `ls /usr/bin/gcc* /usr/bin/clang* /usr/lib/gcc /usr/lib/llvm* /usr/lib/*/libstdc++* /usr/include 2>/dev/null || :
cc -o c /src/program.c && ./c
clang++ --sysroot=/sysroot -fuse-ld=lld -nostdlib++ -fno-exceptions -fno-rtti -o cc /src/program.cc && ./cc
`,
    );

    expect(output).toBe('C\nC++\n');
  });

  it('is what the names of usual programs stand for', async () => {
    const names =
      'addr2line ar c++ c++filt cc ld nm objcopy objdump ranlib readelf size strings strip';

    const output = await run(
      `for name in ${names}; do command -v $name; $name --version | grep -Eq 'clang|LLD|LLVM'; done`,
    );

    expect(output).toBe(
      names
        .split(' ')
        .map((name) => `/tools/bin/${name}\n`)
        .join(''),
    );
  });

  it('measures what a program does, and reads that', async () => {
    const output = await run(
      `${compile} -fprofile-instr-generate -o program /src/program.c
LLVM_PROFILE_FILE=profile.raw ./program
llvm-profdata merge -o profile.data profile.raw
llvm-profdata show profile.data | grep 'Total functions'
`,
    );

    expect(output).toBe('C\nTotal functions: 1\n');
  });
});
