import {spawnSync} from 'node:child_process';
import {closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync} from 'node:fs';
import path from 'node:path';
import type {Header} from 'tar-stream';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {readDynamic} from '../../src/elf/elf-dynamic.js';
import {readDynamicSymbols} from '../../src/elf/elf-symbols.js';
import {compareDottedVersions, glibcVersionsOf} from '../../src/elf/glibc-floor.js';
import {archiveCases} from '../support/archive/archives.js';
import {elfProblems, openElf} from '../support/archive/elf-rules.js';
import {headerProblems, linkProblems} from '../support/archive/tar-rules.js';
import {makeScratch, readHeaders, removeScratch, unpack} from '../support/archive/unpack.js';
import {formatFlags, parseSysconfigData} from '../support/archive/sysconfig-data.js';

interface Extension {
  readonly in_core: boolean;
  readonly init_fn: string;
  readonly links: readonly {readonly name: string; readonly path_static?: string}[];
  readonly license_paths?: readonly string[];
  readonly objs: readonly string[];
  readonly shared_lib?: string;
}

interface PythonJson {
  readonly version: string;
  readonly python_version: string;
  readonly python_exe: string;
  readonly target_triple: string;
  readonly build_options: string;
  readonly license_path: string;
  readonly run_tests: string;
  readonly crt_features: readonly string[];
  readonly python_paths: Readonly<Record<string, string>>;
  readonly python_config_vars: Readonly<Record<string, string>>;
  readonly python_stdlib_test_packages: readonly string[];
  readonly python_stdlib_platform_config: string;
  readonly build_info: {
    readonly inittab_object: string;
    readonly inittab_source: string;
    readonly core: {
      readonly objs: readonly string[];
      readonly shared_lib: string;
      readonly static_lib: string;
    };
    readonly extensions: Readonly<Record<string, readonly Extension[]>>;
  };
}

describe.each(archiveCases())('the archives of %s', (_title, pair) => {
  let scratch: string;
  let full: readonly Header[];
  let installOnly: readonly Header[];
  let json: PythonJson;
  /** Everything in the full archive but directories, relative to `python/`. */
  let members: readonly string[];

  beforeAll(async () => {
    scratch = await makeScratch();
    full = await readHeaders(pair.full);
    installOnly = await readHeaders(pair.installOnly);
    await unpack(pair.full, scratch);
    json = JSON.parse(readFileSync(inFull('PYTHON.json'), 'utf8')) as PythonJson;
    members = full.map(({name}) => name.slice('python/'.length));
  });

  afterAll(() => removeScratch(scratch));

  const inFull = (file: string) => path.join(scratch, 'python', file);
  const files = () => members.filter((member) => lstatSync(inFull(member)).isFile());
  const extensions = () =>
    Object.entries(json.build_info.extensions).flatMap(([name, variants]) =>
      variants.map((variant) => [name, variant] as const),
    );

  it('carry the date of their name in every member, and nothing of a machine or a person', () => {
    const epoch = (full[0]?.mtime.getTime() ?? 0) / 1000;
    const day = new Date(epoch * 1000).toISOString().slice(0, 10).replaceAll('-', '');

    expect(day).toBe(pair.dateTag);
    expect(headerProblems(full, epoch)).toEqual([]);
    expect(headerProblems(installOnly, epoch)).toEqual([]);
  });

  it('hold only links that stay inside and lead somewhere', () => {
    expect(linkProblems(full)).toEqual([]);
    expect(linkProblems(installOnly)).toEqual([]);
  });

  it('are sorted, PYTHON.json first', () => {
    const names = full.map(({name}) => name);
    expect(names[0]).toBe('python/PYTHON.json');
    expect(names.slice(1)).toEqual(names.slice(1).toSorted());
    const others = installOnly.map(({name}) => name);
    expect(others).toEqual(others.toSorted());
    expect(new Set(names).size).toBe(names.length);
  });

  it('have only the top-level names that clients accept', () => {
    const top = new Set(members.map((member) => member.split('/')[0]));
    expect([...top].toSorted()).toEqual(['PYTHON.json', 'build', 'install', 'licenses']);
    const installed = new Set(installOnly.map(({name}) => name.split('/')[1]));
    expect([...installed].toSorted()).toEqual(['bin', 'include', 'lib', 'share']);
  });

  it('have bin/python and bin/python3 as links to the same program', () => {
    const target = `python${pair.majorMinor}`;
    for (const link of ['python/bin/python', 'python/bin/python3']) {
      expect(installOnly.find(({name}) => name === link)).toMatchObject({
        type: 'symlink',
        linkname: target,
      });
    }
  });

  it('hold the same files in both flavours, tests and static libraries apart', () => {
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
      python_version: pair.python,
      target_triple: pair.targetTriple,
      build_options: pair.options,
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
    const record = readFileSync(inFull('install/share/ampoule/distribution.json'), 'utf8');
    const {build} = JSON.parse(record) as {readonly build: {readonly glibcFloor?: string}};
    // Without a floor it is the sysroot's own: Debian 11 has 2.31.
    expect(compareDottedVersions(highest ?? '', build.glibcFloor ?? '2.31')).toBeLessThanOrEqual(0);
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

  it('_sysconfigdata can be read by the strict parsers of installers', () => {
    const folder = json.python_paths['stdlib'] ?? '';
    const [name] = readdirSync(inFull(folder)).filter((file) => file.startsWith('_sysconfigdata_'));
    const variables = parseSysconfigData(readFileSync(inFull(`${folder}/${name ?? ''}`), 'utf8'));

    expect(variables.get('prefix')).toBe('/install');
    expect(variables.get('Py_GIL_DISABLED') ?? 0).toBe(0);
    expect(variables.get('Py_DEBUG')).toBe(0);
    expect(formatFlags(variables).filter((flag) => refusedByPlainGcc.test(flag))).toEqual([]);
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

const refusedByPlainGcc =
  /^(?:-fuse-ld|--sysroot|-f(?:file|debug|macro)-prefix-map|-fdebug-default-version|-fstack-clash|-Wl,-z)|\/(?:deps|sysroot|build)\b/;

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
