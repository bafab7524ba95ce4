import {spawnSync} from 'node:child_process';
import {closeSync, lstatSync, openSync, readFileSync, readSync} from 'node:fs';
import path from 'node:path';
import type {Header} from 'tar-stream';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {readDynamic} from '../../src/elf/elf-dynamic.js';
import {readDynamicSymbols} from '../../src/elf/elf-symbols.js';
import {compareDottedVersions, glibcVersionsOf} from '../../src/elf/glibc-floor.js';
import {archiveCases} from '../support/archive/archives.js';
import {elfProblems, openElf} from '../support/archive/elf-rules.js';
import {extensionsOf, readPythonJson} from '../support/archive/python-json.js';
import type {PythonJson} from '../support/archive/python-json.js';
import {outputOf} from '../support/archive/run.js';
import {headerProblems} from '../support/archive/tar-rules.js';
import {makeScratch, readHeaders, removeScratch, unpack} from '../support/archive/unpack.js';

describe.each(archiveCases())('the archives of %s', (_title, archives) => {
  let scratch: string;
  let full: readonly Header[];
  let installOnly: readonly Header[];
  let stripped: readonly Header[];
  let json: PythonJson;
  /** Everything in the full archive but directories, relative to `python/`. */
  let members: readonly string[];

  beforeAll(async () => {
    scratch = await makeScratch();
    full = await readHeaders(archives.full);
    installOnly = await readHeaders(archives.installOnly);
    stripped = await readHeaders(archives.stripped);
    await unpack(archives.full, scratch);
    json = readPythonJson(inFull(''));
    members = full.map(({name}) => name.slice('python/'.length));
  });

  afterAll(() => removeScratch(scratch));

  const inFull = (file: string) => path.join(scratch, 'python', file);
  const files = () => members.filter((member) => lstatSync(inFull(member)).isFile());
  const extensions = () => extensionsOf(json);

  it('carry the date of their name in every member, and nothing of a machine or a person', () => {
    const epoch = (full[0]?.mtime.getTime() ?? 0) / 1000;
    const day = new Date(epoch * 1000).toISOString().slice(0, 10).replaceAll('-', '');

    expect(day).toBe(archives.dateTag);
    for (const each of [full, installOnly, stripped]) {
      expect(headerProblems(each, epoch)).toEqual([]);
    }
  });

  it('are sorted after PYTHON.json', () => {
    for (const [first, ...others] of [full, installOnly, stripped].map((each) =>
      each.map(({name}) => name),
    )) {
      const all = first === 'python/PYTHON.json' ? others : [first, ...others];
      expect(all).toEqual(all.toSorted());
    }
  });

  it('hold the same files in the full and the install_only archive, tests and static libraries apart', () => {
    const testPackages = json.python_stdlib_test_packages.map(
      (name) => `${json.python_paths['stdlib'] ?? ''}/${name.replaceAll('.', '/')}/`,
    );
    const isLeftOut = (member: string) =>
      !member.startsWith('install/') ||
      (member.includes('/libpython') && member.endsWith('.a')) ||
      testPackages.some((folder) => member.startsWith(folder)) ||
      /\/lib-dynload\/_(?:ctypes_test|test\w+)\./.test(member);
    const wanted = members.filter((member) => !isLeftOut(member));
    expect(installOnly.map(({name}) => name.replace(/^python\//, 'install/'))).toEqual(wanted);
  });

  it('PYTHON.json says what the name says', () => {
    expect(json).toMatchObject({
      version: '8',
      python_version: archives.python,
      target_triple: archives.targetTriple,
      build_options: archives.options,
    });
  });

  it('PYTHON.json names only paths that are there', () => {
    const {core, inittab_object, inittab_source} = json.build_info;
    const named = [
      json.python_exe,
      json.license_path,
      json.run_tests,
      inittab_object,
      inittab_source,
      core.shared_lib,
      core.static_lib,
      ...core.objs,
      ...extensions().flatMap(([, extension]) => [
        ...extension.objs,
        ...extension.links.flatMap((link) => link.path_static ?? []),
        ...(extension.license_paths ?? []),
        ...(extension.shared_lib === undefined ? [] : [extension.shared_lib]),
      ]),
    ];
    const known = new Set(members);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
    const folders = [...Object.values(json.python_paths), json.python_stdlib_platform_config];
    expect(
      folders.filter((folder) => !members.some((member) => member.startsWith(`${folder}/`))),
    ).toEqual([]);
  });

  it("run_tests runs CPython's own tests", async () => {
    const output = await outputOf(inFull(json.python_exe), [inFull(json.run_tests), 'test_bool']);
    expect(output).toContain('Result: SUCCESS');
  });

  it('the library exports the C API and the init function of every built-in module', () => {
    const library = openElf(inFull(json.build_info.core.shared_lib));
    const exported = new Set(
      (library === undefined ? [] : readDynamicSymbols(library))
        .filter(({isDefined}) => isDefined)
        .map(({name}) => name),
    );
    const builtin = extensions().filter(
      ([, {shared_lib, init_fn}]) => shared_lib === undefined && init_fn !== 'NULL',
    );
    const wanted = [
      'Py_Initialize',
      'PyList_New',
      'Py_CompileString',
      ...builtin.map(([, {init_fn}]) => init_fn),
    ];
    expect(wanted.filter((name) => !exported.has(name))).toEqual([]);
  });

  it('every ELF file that runs obeys the rules of the loader, of hardening and of hidden dependencies', () => {
    const problems = files()
      .filter((member) => /^install\/(?:bin\/|.*\.so(?:\.|$))/.test(member))
      .flatMap((member) => {
        const elf = openElf(inFull(member));
        return elf === undefined ? [] : elfProblems(elf).map((problem) => `${member} ${problem}`);
      });
    expect(problems).toEqual([]);
  });

  it('the interpreter needs only the C library and checks its stack and its buffers', () => {
    const elf = openElf(inFull(json.python_exe));
    const names = elf === undefined ? [] : readDynamicSymbols(elf).map(({name}) => name);
    expect(elf && readDynamic(elf)?.needed.filter((library) => library.includes('python'))).toEqual(
      [],
    );
    expect(names).toContain('__stack_chk_fail');
    expect(names.some((name) => /^__.*_chk$/.test(name))).toBe(true);
  });

  it('crt_features names the highest glibc version that any file needs', () => {
    const versions = files()
      .filter((member) => member.startsWith('install/'))
      .flatMap((member) => {
        const elf = openElf(inFull(member));
        return elf === undefined ? [] : glibcVersionsOf(elf);
      });
    const highest = versions.toSorted(compareDottedVersions).at(-1);
    expect(json.crt_features).toEqual([
      'glibc-dynamic',
      `glibc-max-symbol-version:${highest ?? ''}`,
    ]);
    // Debian 11 has 2.31.
    expect(compareDottedVersions(highest ?? '', '2.31')).toBeLessThanOrEqual(0);
  });

  it('everything that is linked has its licence text, in both flavours', () => {
    const texts = members.filter((member) => member.startsWith('licenses/'));
    const components = extensions().flatMap(([, {license_paths}]) => license_paths ?? []);
    expect(new Set(components).size).toBeGreaterThan(8);
    for (const text of texts) {
      expect(readFileSync(inFull(text)).length, text).toBeGreaterThan(100);
      expect(members).toContain(`install/share/ampoule/${text}`);
    }
    const notice = readFileSync(inFull('install/share/ampoule/NOTICE'), 'utf8');
    for (const text of texts) expect(notice).toContain(text);
  });

  it('no script names the interpreter of the build', () => {
    const offenders = files().filter((member) => {
      const start = firstBytes(inFull(member));
      return /^#!\s*\/(?:install|build|out)\b/.test(start);
    });
    expect(offenders).toEqual([]);
  });

  it('no installed file has a path of the sandbox in it', () => {
    const options = ['--recursive', '--files-with-matches', '--extended-regexp', '--text'];
    const found = spawnSync('grep', [...options, sandboxPath, 'install'], {
      cwd: inFull(''),
      encoding: 'utf8',
      env: {LC_ALL: 'C', PATH: '/usr/bin:/bin'},
    });
    const leaks = found.stdout.split('\n').filter((file) => file !== '' && isOurs(file));
    expect(leaks.toSorted()).toEqual([]);
  });
});

/** `/build` and `/out` count only as folders: both are common words. */
const sandboxPath = String.raw`(^|[^A-Za-z0-9_.@)}-])/((deps|sysroot)\b|(build|out)/[a-z])`;

/**
 * Python's own tests and sources speak of such paths without meaning ours. distribution.json is the record of how it was
 * built, for whoever checks that: it has them on purpose.
 */
function isOurs(file: string): boolean {
  if (file.endsWith('/share/ampoule/distribution.json')) return false;
  return !/\.(?:py|txt|rst|md|pem|html|h)$|\/test\//.test(file) || file.includes('_sysconfig');
}

function firstBytes(hostPath: string): string {
  const descriptor = openSync(hostPath, 'r');
  const buffer = Buffer.alloc(20);
  const length = readSync(descriptor, buffer, 0, buffer.length, 0);
  closeSync(descriptor);
  return buffer.subarray(0, length).toString('latin1');
}
