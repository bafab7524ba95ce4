import {lstat, mkdir, readFile, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {readStaticLibrary} from '../../src/archive/read-ar.js';
import {readArchive} from '../../src/archive/read-archive.js';
import {elfBytesOf} from '../../src/elf/elf-bytes.js';
import {readDynamic} from '../../src/elf/elf-dynamic.js';
import {readElf, type ElfFile} from '../../src/elf/elf-file.js';
import {readDynamicSymbols, readStaticSymbols, type ElfSymbol} from '../../src/elf/elf-symbols.js';
import {compareDottedVersions, glibcVersionOf, glibcVersionsOf} from '../../src/elf/glibc-floor.js';
import {mergeTrees} from '../../src/executor/merge-trees.js';
import {archiveCases} from '../support/archive/archives.js';
import {localTree, type LocalTree} from '../support/local-tree.js';
import {openRealSysroot, type RealSysroot} from '../support/real-sysroot.js';

const floor = '2.17';
const folder = 'lib/x86_64-linux-gnu';

let real: RealSysroot;
beforeAll(async () => {
  real = await openRealSysroot(floor);
});
afterAll(() => real[Symbol.asyncDispose]());

async function open(tree: LocalTree, file: string): Promise<ElfFile> {
  return readElf(elfBytesOf(await readFile(path.join(tree.hostPath, file))));
}

/** The symbols that a library defines, without the marks that stand for versions. */
async function symbolsOf(tree: LocalTree, soname: string): Promise<readonly ElfSymbol[]> {
  const symbols = readDynamicSymbols(await open(tree, path.join(folder, soname)));
  return symbols.filter(({isDefined, sectionIndex}) => isDefined && sectionIndex < 0xff00);
}

const versionedName = ({name, version}: ElfSymbol) => `${name} ${version?.name ?? ''}`;

const isAtOrBelowFloor = (symbol: ElfSymbol): boolean => {
  const version = glibcVersionOf(symbol.version?.name ?? '');
  return version !== undefined && compareDottedVersions(version, floor) <= 0;
};

/** An indirect function is a function to whoever links it. */
const facts = ({type, sizeBytes, binding, visibility}: ElfSymbol) => ({
  type: type === 10 ? 2 : type,
  sizeBytes,
  binding,
  visibility,
});

const libraries = [
  'ld-linux-x86-64.so.2',
  'libanl.so.1',
  'libc.so.6',
  'libcrypt.so.1',
  'libdl.so.2',
  'libm.so.6',
  'libpthread.so.0',
  'libresolv.so.2',
  'librt.so.1',
  'libutil.so.1',
];

describe.each(libraries)('the stub of %s', (soname) => {
  it('has every symbol of the real one up to the floor that can be linked today, and no other', async () => {
    const offered = await symbolsOf(real.suite, soname);
    const linkable = new Set(
      offered.filter(({version}) => version?.isDefault === true).map(({name}) => name),
    );
    const wanted = offered
      .filter((symbol) => linkable.has(symbol.name) && isAtOrBelowFloor(symbol))
      .map((symbol) => [versionedName(symbol), facts(symbol)] as const);

    const stubs = await symbolsOf(real.sysroot, soname);

    const got = new Map(stubs.map((symbol) => [versionedName(symbol), facts(symbol)]));
    expect(got).toEqual(new Map(wanted));
    expect(stubs.length).toBe(got.size);
  });

  it('makes the newest version of each name its only default', async () => {
    const newest = new Map<string, string>();
    const defaults: string[] = [];
    for (const {name, version} of await symbolsOf(real.sysroot, soname)) {
      const number = glibcVersionOf(version?.name ?? '') ?? '';
      const known = newest.get(name);
      if (known === undefined || compareDottedVersions(number, known) > 0) newest.set(name, number);
      if (version?.isDefault === true) defaults.push(`${name} ${number}`);
    }
    expect(defaults.sort()).toEqual([...newest].map((entry) => entry.join(' ')).sort());
  });

  it('lets data share bytes exactly where the real data does', async () => {
    const groups = async (tree: LocalTree, names: ReadonlySet<string>) => {
      const byAddress = new Map<number, string[]>();
      for (const symbol of await symbolsOf(tree, soname)) {
        if (symbol.type !== 1 || !names.has(versionedName(symbol))) continue;
        const members = byAddress.get(symbol.value) ?? [];
        byAddress.set(symbol.value, [...members, versionedName(symbol)].sort());
      }
      return [...byAddress.values()].map((names) => names.join(', ')).sort();
    };
    const names = new Set((await symbolsOf(real.sysroot, soname)).map(versionedName));
    expect(await groups(real.sysroot, names)).toEqual(await groups(real.suite, names));
  });

  it('has its soname and needs nothing', async () => {
    const dynamic = readDynamic(await open(real.sysroot, path.join(folder, soname)));
    expect(dynamic).toMatchObject({soname, needed: []});
  });
});

describe('the sysroot with a floor', () => {
  it.each([
    ['libm.so.6', 'exp', '2.2.5'],
    ['libc.so.6', 'memcpy', '2.14'],
    ['libc.so.6', 'clock_gettime', '2.17'],
    ['libpthread.so.0', 'pthread_cond_wait', '2.3.2'],
  ])('%s offers %s as of %s', async (soname, name, version) => {
    const symbols = await symbolsOf(real.sysroot, soname);
    const found = symbols.find((symbol) => symbol.name === name && symbol.version?.isDefault);
    expect(found?.version?.name).toBe(`GLIBC_${version}`);
  });

  it.each(['cfree', 'getrandom', 'fcntl64', 'errno', 'GLIBC_2.17'])(
    'libc.so.6 does not offer %s',
    async (name) => {
      const symbols = await symbolsOf(real.sysroot, 'libc.so.6');
      expect(symbols.filter((symbol) => symbol.name === name)).toEqual([]);
    },
  );

  it('holds no library of the suite that could be linked in place of a stub', async () => {
    const names = await readdir(real.sysroot.hostPath, {recursive: true});
    const linkable = names
      .map((name) => path.basename(name))
      .filter((name) => /^(?:lib|ld-).*\.(?:a$|so)/.test(name));
    const compilers = /^lib(?:gcc|atomic|backtrace|ssp)/;
    const allowed = new Set([
      ...libraries,
      ...libraries.map((name) => name.replace(/\.so\..*/, '.so')),
      'libc_nonshared.a',
    ]);
    expect(linkable.filter((name) => !allowed.has(name) && !compilers.test(name))).toEqual([]);
  });

  it('has no link that leads nowhere', async () => {
    const names = await readdir(real.sysroot.hostPath, {recursive: true, withFileTypes: true});
    const broken: string[] = [];
    for (const entry of names.filter((name) => name.isSymbolicLink())) {
      const file = path.join(entry.parentPath, entry.name);
      await readFile(file).catch(() => broken.push(file));
    }
    expect(broken).toEqual([]);
    expect((await lstat(path.join(real.sysroot.hostPath, 'lib64'))).isDirectory()).toBe(true);
  });

  it('tells configure of every function that the floor takes away', async () => {
    const site = await readFile(path.join(real.sysroot.hostPath, 'usr/share/config.site'), 'utf8');
    const offered = new Set<string>();
    const linkable = new Set<string>();
    for (const soname of libraries) {
      for (const {name} of await symbolsOf(real.sysroot, soname)) offered.add(name);
      for (const {name, type, version} of await symbolsOf(real.suite, soname)) {
        const isPrivate = version?.name === 'GLIBC_PRIVATE';
        if (type !== 1 && version?.isDefault === true && !isPrivate) linkable.add(name);
      }
    }
    const missing = [...linkable].filter((name) => !offered.has(name)).sort();
    const told = [...site.matchAll(/^ac_cv_func_(\w+)=no$/gm)].map(([, name]) => name);
    expect(told).toEqual(missing);
  });
});

const program = await readFile(new URL('programs/glibc.c', import.meta.url), 'utf8');

/** Runs shell lines with the program at `/src/program.c`. */
const build = (script: string, trees?: Parameters<RealSysroot['build']>[2]) =>
  real.build(script, program, trees);

const compile =
  '$CC $CFLAGS $CPPFLAGS -D_FILE_OFFSET_BITS=64 $LDFLAGS $KIND -o /out/program /src/program.c -lm -lpthread -ldl -lresolv\n' +
  '/out/program\n';

describe('a program built against it', () => {
  it.each(['-no-pie', '-pie'])('(%s) runs here and needs nothing newer', async (kind) => {
    const {code, output, outPath} = await build(`KIND=${kind}\n${compile}`);

    expect({code, output}).toEqual({code: '0', output: '1 1 /out/program\n'});
    const versions = glibcVersionsOf(
      readElf(elfBytesOf(await readFile(path.join(outPath, 'program')))),
    );
    expect(compareDottedVersions(versions.at(-1) ?? '', floor)).toBeLessThanOrEqual(0);
  });

  it('can include every header that was changed, for large files or not', async () => {
    const names = await readdir(path.join(real.suite.hostPath, 'usr/include'), {recursive: true});
    const read = (tree: LocalTree, name: string) =>
      readFile(path.join(tree.hostPath, 'usr/include', name), 'latin1');
    const changed: string[] = [];
    for (const name of names.filter((header) => header.endsWith('.h'))) {
      if ((await read(real.suite, name)) !== (await read(real.sysroot, name))) changed.push(name);
    }
    expect(changed).toContain('fcntl.h');
    expect(changed).toContain('stdlib.h');
    // What others include, or refuse to be included by itself.
    const whole = changed.map((name) => name.replace('x86_64-linux-gnu/', ''));
    const includes = whole
      .filter((name) => !name.startsWith('bits/'))
      .map((name) => `#include <${name}>`);
    const script = [
      `printf '%s\\n' ${includes.map((line) => `'${line}'`).join(' ')} >all.c`,
      "echo 'static inline void *reallocarray(void *p, size_t n, size_t s) { return realloc(p, n * s); }' >>all.c",
      "echo 'int main(void) { return reallocarray(0, 1, 1) == 0; }' >>all.c",
      'for size in 32 64; do',
      '  $CC $CFLAGS $LDFLAGS -D_GNU_SOURCE -D_FILE_OFFSET_BITS=$size -Werror -o /out/all all.c',
      'done',
    ];

    const {code, output} = await build(script.join('\n'));

    expect({code, output}).toEqual({code: '0', output: ''});
  });

  it('cannot be linked with a function that the floor takes away', async () => {
    const {code, output} = await build(
      'echo "int getrandom(char *, int, int); int main(void) { char c; return getrandom(&c, 1, 0); }" >a.c\n' +
        '$CC $CFLAGS $LDFLAGS -o /out/a a.c',
    );

    expect(code).toBe('1');
    expect(output).toContain('undefined symbol: getrandom');
  });

  it.each(['-no-pie', '-pie'])(
    '(%s) finds a newer function at run time by a weak symbol',
    async (kind) => {
      const source =
        'int sem_clockwait(void) __attribute__((weak));\n' +
        'int absent_everywhere(void) __attribute__((weak));\n' +
        'int main(void) { return (sem_clockwait != 0) + 2 * (absent_everywhere != 0); }\n';
      const {code, output} = await build(
        `printf '%s' '${source}' >a.c\n` +
          `$CC $CFLAGS $LDFLAGS ${kind} -o /out/program a.c -lpthread\n` +
          '/out/program || echo "$?"\n',
      );

      // The image that it runs in has a glibc of today.
      expect({code, output}).toEqual({code: '0', output: '1\n'});
    },
  );

  it("never sees the build image's own headers and libraries", async () => {
    const poisoned = path.join(real.scratch, 'poisoned');
    await mergeTrees(poisoned, [real.rootfs.hostPath], {guestPath: '/'});
    const poison: Readonly<Record<string, string>> = {
      'usr/include/stdio.h': '#error poisoned header\n',
      'usr/include/x86_64-linux-gnu/bits/types.h': '#error poisoned header\n',
      'usr/local/include/math.h': '#error poisoned header\n',
      'usr/lib/x86_64-linux-gnu/libm.so': 'INPUT(poisoned)\n',
      'usr/lib/x86_64-linux-gnu/libpthread.so': 'INPUT(poisoned)\n',
      'usr/lib/x86_64-linux-gnu/libc.so': 'INPUT(poisoned)\n',
      'usr/lib/x86_64-linux-gnu/crt1.o': 'poisoned',
      'usr/lib/x86_64-linux-gnu/Scrt1.o': 'poisoned',
      'usr/lib/gcc/x86_64-linux-gnu/14/libgcc.a': 'poisoned',
      'usr/lib/gcc/x86_64-linux-gnu/14/crtbegin.o': 'poisoned',
    };
    for (const [name, text] of Object.entries(poison)) {
      const file = path.join(poisoned, name);
      // The file is the store's own by another name: it is replaced, never written to.
      await rm(file, {force: true});
      await mkdir(path.dirname(file), {recursive: true});
      await writeFile(file, text);
    }
    const rootfs = localTree(real.rootfs.digest, poisoned);

    const built = await build(`KIND=-no-pie\n${compile}`, {rootfs});
    const withoutSysroot = await build('clang -o /out/program /src/program.c -lm', {rootfs});

    expect(built).toMatchObject({code: '0', output: '1 1 /out/program\n'});
    // The poison works: a compiler that looks at the image's own files stops.
    expect(withoutSysroot.code).toBe('1');
    expect(withoutSysroot.output).toContain('poisoned');
  });
});

describe.each(archiveCases())('the object code of %s', (_title, {full}) => {
  it('asks for no function that the floor takes away, in any object or member of a library', async () => {
    const defined = new Set<string>();
    const wanted = new Map<string, string>();
    let count = 0;
    const take = (name: string, bytes: Buffer) => {
      const elf = readElf(elfBytesOf(bytes));
      if (elf.type !== 'relocatable') return;
      count += 1;
      for (const symbol of readStaticSymbols(elf)) {
        if (symbol.isDefined && symbol.binding !== 'local') defined.add(symbol.name);
        // A weak one is asked for at run time.
        else if (!symbol.isDefined && symbol.binding === 'global') wanted.set(symbol.name, name);
      }
    };
    for await (const member of readArchive(full)) {
      if (member.kind !== 'file') continue;
      if (member.path.endsWith('.o')) take(member.path, await member.read());
      if (!member.path.endsWith('.a')) continue;
      for await (const {name, content} of readStaticLibrary(member.chunks())) {
        if (name !== '/') take(`${member.path}(${name})`, content);
      }
    }
    const missing = new Set<string>();
    const offered = new Set<string>();
    for (const soname of libraries) {
      for (const {name} of await symbolsOf(real.sysroot, soname)) offered.add(name);
      for (const {name, version} of await symbolsOf(real.suite, soname)) {
        // What has no default version is not linked with (`pthread_atfork` comes from libc_nonshared.a).
        if (version?.isDefault === true) missing.add(name);
      }
    }

    const offences = [...wanted].filter(
      ([name]) => missing.has(name) && !offered.has(name) && !defined.has(name),
    );

    expect(count).toBeGreaterThan(1000);
    expect(wanted.size).toBeGreaterThan(500);
    expect(offences).toEqual([]);
  });
});
