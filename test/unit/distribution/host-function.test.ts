import {mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {artifactDigestOf, sha256} from '../../../src/core/digest.js';
import type {HostFunctionContext} from '../../../src/core/host-function.js';
import {distributionMetadataFunction} from '../../../src/distribution/host-function.js';
import {
  DistributionError,
  MissingLicenceError,
} from '../../../src/distribution/distribution-error.js';
import type {DistributionParameters} from '../../../src/distribution/parameters.js';
import {expectedModules, sampleParameters, writeSampleBuild} from './sample-build.js';

let root: string;
let inputs: ReadonlyMap<string, string>;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'distribution-'));
  inputs = await writeSampleBuild(root);
});

afterEach(() => rm(root, {recursive: true, force: true}));

async function run(
  parameters: DistributionParameters = sampleParameters,
  digests: HostFunctionContext['digests'] = new Map(),
): Promise<string> {
  const outputPath = await mkdtemp(path.join(root, 'out-'));
  await distributionMetadataFunction.run(parameters, {
    sources: new Map(),
    inputs,
    digests,
    outputPath,
    log: () => undefined,
    signal: new AbortController().signal,
  });
  return outputPath;
}

const read = (output: string, file: string) => readFile(path.join(output, file), 'utf8');

/** The parts of PYTHON.json that the tests look at. */
interface PythonJson {
  readonly version: string;
  readonly crt_features: readonly string[];
  readonly build_info: {
    readonly core: {readonly objs: readonly string[]};
    readonly inittab_cflags: readonly string[];
    readonly extensions: Readonly<Record<string, readonly [Readonly<Record<string, unknown>>]>>;
  };
}

const pythonJsonOf = async (output: string) =>
  JSON.parse(await read(output, 'python/PYTHON.json')) as PythonJson;

/** The keys that readers of format 8 know and that apply to this target: no other may appear. */
const goldenKeys = [
  'build_info',
  'build_options',
  'crt_features',
  'libpython_link_mode',
  'license_path',
  'licenses',
  'optimizations',
  'python_abi_tag',
  'python_bytecode_magic_number',
  'python_config_vars',
  'python_exe',
  'python_extension_module_loading',
  'python_implementation_cache_tag',
  'python_implementation_hex_version',
  'python_implementation_name',
  'python_implementation_version',
  'python_major_minor_version',
  'python_paths',
  'python_paths_abstract',
  'python_platform_tag',
  'python_stdlib_platform_config',
  'python_stdlib_test_packages',
  'python_suffixes',
  'python_symbol_visibility',
  'python_tag',
  'python_version',
  'run_tests',
  'target_triple',
  'version',
];

describe('PYTHON.json', () => {
  it('has exactly the keys of format 8, sorted', async () => {
    const json = await pythonJsonOf(await run());

    expect(Object.keys(json)).toEqual(goldenKeys);
    expect(json.version).toBe('8');
    expect(Object.keys(json.build_info)).toEqual([
      'core',
      'extensions',
      'inittab_cflags',
      'inittab_object',
      'inittab_source',
      'object_file_format',
    ]);
    expect(Object.keys(json.build_info.core)).toEqual([
      'links',
      'objs',
      'shared_lib',
      'static_lib',
    ]);
  });

  it('describes extension modules as the build linked them', async () => {
    const {extensions} = (await pythonJsonOf(await run())).build_info;

    expect(Object.keys(extensions)).toEqual([
      '_dbm',
      '_hmac',
      '_sha2',
      '_ssl',
      'builtins',
      'marshal',
      'posix',
    ]);
    expect(extensions['_ssl']).toEqual([
      {
        in_core: false,
        init_fn: 'PyInit__ssl',
        license_paths: ['licenses/LICENSE.openssl.txt'],
        licenses: ['Apache-2.0'],
        links: [
          {name: 'ssl', path_static: 'build/lib/libssl.a'},
          {name: 'crypto', path_static: 'build/lib/libcrypto.a'},
          // libcrypto's, not the module's own.
          {name: 'm', system: true},
        ],
        objs: ['build/Modules/_ssl.o'],
        required: false,
        variant: 'default',
      },
    ]);
    expect(extensions['_dbm']?.[0]['shared_lib']).toBe(
      'install/lib/python3.14/lib-dynload/_dbm.cpython-314-x86_64-linux-gnu.so',
    );
    expect(extensions['builtins']?.[0]).toMatchObject({in_core: true, init_fn: 'NULL', objs: []});
    expect(extensions['marshal']?.[0]['init_fn']).toBe('PyMarshal_Init');
    expect(extensions['posix']?.[0]['required']).toBe(true);
  });

  it('gives an object of CPython that two modules use to the core, and its licence to both', async () => {
    const {core, extensions} = (await pythonJsonOf(await run())).build_info;

    expect(core.objs).toContain('build/Modules/_hacl/Hacl_Hash_SHA2.o');
    expect(extensions['_sha2']?.[0]).toMatchObject({
      objs: ['build/Modules/sha2module.o'],
      licenses: ['MIT'],
      license_paths: ['licenses/LICENSE.hacl-star.txt'],
      links: [],
    });
    expect(extensions['_hmac']?.[0]).toMatchObject({
      objs: ['build/Modules/hmacmodule.o', 'build/Modules/_hacl/Hacl_HMAC.o'],
      licenses: ['MIT'],
    });
  });

  it('names the highest glibc version that a file needs', async () => {
    const json = await pythonJsonOf(await run());
    expect(json.crt_features).toEqual(['glibc-dynamic', 'glibc-max-symbol-version:2.29']);
  });

  it('tells how an inittab is compiled', async () => {
    const json = await pythonJsonOf(await run());
    expect(json.build_info.inittab_cflags).toEqual(['-std=c11', '-DNDEBUG', '-DPy_BUILD_CORE']);
  });
});

describe('member lists', () => {
  it('are those of each flavour', async () => {
    const output = await run();
    const full = (await read(output, 'lists/full.list')).split('\0');
    const installOnly = (await read(output, 'lists/install_only.list')).split('\0');

    expect(full[0]).toBe('python/PYTHON.json');
    expect(full).toContain('python/licenses/LICENSE.openssl.txt');
    expect(full).not.toContain('meta/runtime.json');
    expect(installOnly).toEqual([
      'python/install/bin/python3',
      'python/install/bin/python3.14',
      'python/install/lib/libpython3.14.so.1.0',
      'python/install/lib/python3.14/LICENSE.txt',
      'python/install/lib/python3.14/config-3.14-x86_64-linux-gnu/Makefile',
      'python/install/lib/python3.14/lib-dynload/_dbm.cpython-314-x86_64-linux-gnu.so',
      'python/install/lib/python3.14/os.py',
      'python/install/lib/python3.14/site-packages/pip-26.2.1.dist-info/licenses/LICENSE.txt',
      'python/install/share/ampoule/NOTICE',
      'python/install/share/ampoule/distribution.json',
      'python/install/share/ampoule/licenses/LICENSE.bdb.txt',
      'python/install/share/ampoule/licenses/LICENSE.cpython-incorporated.txt',
      'python/install/share/ampoule/licenses/LICENSE.cpython.txt',
      'python/install/share/ampoule/licenses/LICENSE.dtoa.txt',
      'python/install/share/ampoule/licenses/LICENSE.gcc-runtime.txt',
      'python/install/share/ampoule/licenses/LICENSE.glibc.txt',
      'python/install/share/ampoule/licenses/LICENSE.hacl-star.txt',
      'python/install/share/ampoule/licenses/LICENSE.openssl.txt',
      'python/install/share/ampoule/licenses/LICENSE.pip.txt',
      '',
    ]);
    expect((await read(output, 'lists/programs.list')).split('\0')).toEqual([
      'python/install/bin/python3.14',
      'python/install/lib/libpython3.14.so.1.0',
      'python/install/lib/python3.14/lib-dynload/_dbm.cpython-314-x86_64-linux-gnu.so',
      '',
    ]);
  });
});

describe('licences', () => {
  it('of several files become one text', async () => {
    const text = await read(await run(), 'python/licenses/LICENSE.bdb.txt');
    expect(text).toBe('==== LICENSE ====\n\nthe terms of bdb\n\n==== NOTICE ====\n\na notice\n');
  });

  it('in an old encoding become UTF-8', async () => {
    const file = path.join(root, 'openssl/share/licenses/openssl/LICENSE.txt');
    await writeFile(file, Buffer.from('Copyright \xa9 Müller', 'latin1'));

    expect(await read(await run(), 'python/licenses/LICENSE.openssl.txt')).toBe(
      'Copyright © Müller',
    );
  });

  it('of a work inside CPython are its section of the list of such works', async () => {
    expect(await read(await run(), 'python/licenses/LICENSE.dtoa.txt')).toBe('the terms of dtoa\n');
  });

  it('are listed with versions in NOTICE', async () => {
    const notice = await read(await run(), 'python/install/share/ampoule/NOTICE');
    expect(notice).toContain('openssl 3.5.7\n    Apache-2.0\n    licenses/LICENSE.openssl.txt\n');
    expect(notice).toContain('pip 26.2.1\n');
  });

  it.each([
    ['bdb', 'bdb/share/licenses/bdb'],
    ['cpython', 'cpython/python/install/lib/python3.14/LICENSE.txt'],
    ['pip', 'cpython/python/install/lib/python3.14/site-packages'],
    ['hacl-star', 'cpython/meta/licenses/hacl-star.txt'],
    ['cpython-incorporated', 'cpython/meta/licenses/license.rst'],
  ])('a missing text of %s fails and names it', async (component, folder) => {
    await rm(path.join(root, folder), {recursive: true});

    const failure = run();

    await expect(failure).rejects.toThrow(MissingLicenceError);
    await expect(failure).rejects.toMatchObject({code: 'E_MISSING_LICENCE', component});
  });
});

describe('a link in what was built', () => {
  const hostFile = '/etc/passwd';

  it.each([
    ['a licence', 'dependency/bdb', 'bdb/share/licenses/bdb/NOTICE', hostFile],
    [
      'a licence, relative',
      'dependency/bdb',
      'bdb/share/licenses/bdb/NOTICE',
      '../../../../../../../etc/passwd',
    ],
    ['the folder of the licences', 'dependency/bdb', 'bdb/share', '/usr/share'],
    ['the facts of the runtime', 'cpython', 'cpython/meta/runtime.json', hostFile],
    ['the text of a work', 'cpython', 'cpython/meta/licenses/license.rst', hostFile],
    ['the record of a link', 'cpython', 'cpython/meta/linked-members/python.tsv', hostFile],
    ['an object', 'cpython', 'cpython/python/build/Modules/config.o', '/bin/true'],
    ['the table of modules', 'cpython', 'cpython/python/build/Modules/config.c', hostFile],
    ['the C library', 'sysroot', 'sysroot/lib/x86_64-linux-gnu/libc.so.6', '/bin/true'],
    ['the list of modules', 'setup-local', 'setup-local/modules.json', hostFile],
  ])('for %s never reads a file of the host', async (_, stage, file, target) => {
    await rm(path.join(root, file), {recursive: true, force: true});
    await symlink(target, path.join(root, file));

    const failure = run();

    await expect(failure).rejects.toMatchObject({code: 'E_TREE_FILE'});
    await expect(failure).rejects.toThrow(`in the output of ${stage} `);
  });

  it('is followed inside the output', async () => {
    const folder = path.join(root, 'bdb/share/licenses/bdb');
    await rename(path.join(folder, 'NOTICE'), path.join(root, 'bdb/notice'));
    await symlink('/notice', path.join(folder, 'NOTICE'));

    expect(await read(await run(), 'python/licenses/LICENSE.bdb.txt')).toContain('a notice');
  });
});

describe('distribution.json', () => {
  it('lists every component with its sources, and the build record', async () => {
    const text = await read(await run(), 'python/install/share/ampoule/distribution.json');
    const json = JSON.parse(text) as {
      readonly build: unknown;
      readonly glibc_max_symbol_version: string;
      readonly components: readonly {readonly name: string}[];
    };

    expect(json.build).toEqual({cflags: '-O3'});
    expect(json.glibc_max_symbol_version).toBe('2.29');
    expect(json.components.map(({name}) => name)).toEqual([
      'bdb',
      'cpython',
      'cpython-incorporated',
      'dtoa',
      'gcc-runtime',
      'glibc',
      'hacl-star',
      'openssl',
      'pip',
    ]);
    expect(json.components[7]).toEqual({
      license_path: 'licenses/LICENSE.openssl.txt',
      name: 'openssl',
      sources: [{file_name: 'o.tar.gz', location: 'pool/main/o/o.tar.gz', sha256: '1'.repeat(64)}],
      spdx: 'Apache-2.0',
      used_by: ['_ssl'],
      version: '3.5.7',
    });
    expect(json.components[6]).toMatchObject({name: 'hacl-star', used_by: ['_sha2', '_hmac']});
    expect(json.components[3]).toMatchObject({name: 'dtoa', used_by: ['core']});
    expect(json).not.toHaveProperty('toolchain');
  });

  it("says from what a toolchain was built that is not the image's own", async () => {
    const digest = artifactDigestOf('a toolchain');
    const source = {fileName: 'l.tar.xz', sha256: '2'.repeat(64), location: 'pool/main/l/l.tar.xz'};
    const toolchain = {
      name: 'bootstrap',
      components: [{name: 'llvm', version: '22.1.8', sources: [source]}],
      seedPackages: {'g++-10': {version: '10.2.1-6', sha256: '3'.repeat(64)}},
    };

    const output = await run({...sampleParameters, toolchain}, new Map([['toolchain', digest]]));

    const text = await read(output, 'python/install/share/ampoule/distribution.json');
    expect(JSON.parse(text)).toMatchObject({
      toolchain: {
        name: 'bootstrap',
        artifact_digest: digest,
        components: [
          {
            name: 'llvm',
            version: '22.1.8',
            sources: [{file_name: 'l.tar.xz', location: source.location, sha256: source.sha256}],
          },
        ],
        seed_packages: toolchain.seedPackages,
      },
    });
  });

  it('says which profile it is optimized by, and how that fits', async () => {
    const match = {functions: 12652, mismatched: 3, hot: 1279, hot_mismatched: 1};
    const profile = {kind: 'frozen', sha256: '4'.repeat(64)} as const;
    const profileOf = async (parameters: DistributionParameters) => {
      const output = await run(parameters);
      const text = await read(output, 'python/install/share/ampoule/distribution.json');
      return (JSON.parse(text) as {readonly profile: unknown}).profile;
    };
    expect(await profileOf(sampleParameters)).toBeUndefined();
    const trained = {...sampleParameters, profile: {kind: 'train'}} as const;
    expect(await profileOf(trained)).toEqual({kind: 'train'});
    await writeFile(path.join(root, 'cpython/meta/profile-match.json'), JSON.stringify(match));

    expect(await profileOf({...sampleParameters, profile})).toEqual({...profile, match});
  });
});

describe('a build that contradicts what the archive would say', () => {
  const problemsOf = async (failure: Promise<unknown>): Promise<readonly string[]> => {
    const error: unknown = await failure.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof DistributionError)) throw error;
    return error.problems;
  };

  const inRoot = (file: string) => path.join(root, file);
  const writeExpected = (modules: readonly object[]) =>
    writeFile(inRoot('setup-local/modules.json'), JSON.stringify(modules));
  const changeExpected = (name: string, change: object) =>
    writeExpected(
      expectedModules.map((each) => (each.name === name ? {...each, ...change} : each)),
    );

  it('fails with all missing objects at once', async () => {
    await rm(inRoot('cpython/python/build/Modules/_ssl.o'));
    await rm(inRoot('cpython/python/build/Objects/object.o'));

    expect(await problemsOf(run())).toEqual([
      'build/Objects/object.o was linked, but is not in the built tree',
      'build/Modules/_ssl.o was linked, but is not in the built tree',
    ]);
  });

  it('fails for modules that are missing, and for those that were not expected', async () => {
    const fewer = expectedModules.filter(({name}) => name !== '_sha2');
    await writeExpected([...fewer, {...expectedModules[3], name: '_uuid', required: false}]);

    expect(await problemsOf(run())).toEqual([
      'extension module _uuid: expected linkage static, it is not built into the interpreter',
      'extension module _uuid: the Makefile has no link rule with objects for it',
      'extension module _sha2: it was built but not expected',
    ]);
  });

  it('fails for a library that is named and not linked, and for the reverse', async () => {
    const links = [
      {name: 'ssl', dependency: 'openssl'},
      {name: 'db', dependency: 'bdb'},
    ];
    await changeExpected('_ssl', {libraries: links});

    expect(await problemsOf(run())).toEqual([
      'extension module _ssl: static-modules/ names -ldb for it, but the linker extracted nothing from libdb.a for it',
      'extension module _ssl: the linker extracted members of libcrypto.a for it, but static-modules/ does not name -lcrypto',
    ]);
  });

  it('fails for a module that the core uses and that is not called required', async () => {
    await changeExpected('posix', {required: false});

    expect(await problemsOf(run())).toEqual([
      'the interpreter: it uses PyInit_posix of extension module posix, which static-modules/ does not call required',
    ]);
  });

  it('fails for an object that nobody needs, and for a member that nobody asked for', async () => {
    await writeFile(inRoot('cpython/python/build/Modules/stray.o'), '');
    expect(await problemsOf(run())).toEqual([
      'build/Modules/stray.o: it belongs neither to the interpreter nor to a module',
    ]);

    const record = inRoot('cpython/meta/linked-members/python.tsv');
    await writeFile(
      record,
      `${await readFile(record, 'utf8')}x.o\t/deps/lib/libcrypto.a(unused.o)\tEVP_y\n`,
    );
    expect(await problemsOf(run())).toEqual([
      'install/bin/python3.14: the linker took unused.o out of /deps/lib/libcrypto.a, but no object of the distribution needs it',
    ]);
  });

  it('fails for a static library without an owner', async () => {
    await writeFile(inRoot('cpython/python/build/lib/libstray.a'), '');

    expect(await problemsOf(run())).toEqual([
      'build/lib/libstray.a: no dependency of this distribution has such a library',
      'build/lib/libstray.a: nothing is linked with it',
    ]);
  });

  it('fails for an inittab that is not that of the interpreter', async () => {
    const source = inRoot('cpython/python/build/Modules/config.c');
    await writeFile(
      source,
      (await readFile(source, 'utf8')).replace('    {"marshal", PyMarshal_Init},\n', ''),
    );

    expect(await problemsOf(run())).toEqual([
      'extension module marshal: expected linkage core, it is not built into the interpreter',
      'config.c lists the modules _hmac _sha2 _ssl builtins posix; the interpreter has _hmac _sha2 _ssl builtins marshal posix',
    ]);
  });

  it('fails for a linked archive of unknown origin, and for runtime pieces without a text', async () => {
    const record = inRoot('cpython/meta/linked-members/libpython3.14.so.tsv');
    await writeFile(record, 'a.o\t/usr/lib/libstray.a(b.o)\tc\n');
    const runtimePieces = sampleParameters.runtimePieces.filter(({name}) => name === 'glibc');

    expect(await problemsOf(run({...sampleParameters, runtimePieces}))).toEqual([
      '/sysroot/usr/lib/gcc/x86_64-linux-gnu/10/libgcc.a is linked into the distribution, but gcc-runtime has no licence text',
      '/usr/lib/libstray.a is linked into the distribution, but its component is unknown',
      'start files of gcc-runtime are linked, but it has no licence text',
    ]);
  });

  it('fails for a work inside CPython that nothing is known of', async () => {
    const list = inRoot('cpython/meta/licenses/license.rst');
    await writeFile(list, `${await readFile(list, 'utf8')}\nA new work\n----------\n\nits terms\n`);

    expect(await problemsOf(run())).toEqual([
      'meta/licenses/license.rst has a section "A new work", of which incorporated-works.ts knows nothing',
    ]);
  });

  it('fails for a licence that is not an SPDX expression', async () => {
    const components = sampleParameters.components.map((each) =>
      each.name === 'bdb' ? {...each, spdx: 'Sleepy Cat'} : each,
    );

    expect(await problemsOf(run({...sampleParameters, components}))).toEqual([
      'the licence of bdb: "Sleepy Cat" is not an SPDX expression, see https://spdx.org/licenses/',
    ]);
  });

  it('fails for another version of Python', async () => {
    expect(await problemsOf(run({...sampleParameters, python: '3.14.6'}))).toEqual([
      'the interpreter is Python 3.14.7, expected 3.14.6',
    ]);
  });

  it('fails for a link that leads nowhere in an install-only archive', async () => {
    const library = path.join(root, 'cpython/python/install/lib');
    await mkdir(library, {recursive: true});
    await symlink('python3.14/test/__init__.py', path.join(library, 'all-tests.py'));

    expect(await problemsOf(run())).toEqual([
      'install_only: python/install/lib/all-tests.py -> python3.14/test/__init__.py: the archive does not hold its target',
    ]);
  });
});

describe('the output', () => {
  it('is golden for this revision: when it changes, raise the revision', async () => {
    const output = await run();
    const files = (await readdir(output, {recursive: true, withFileTypes: true}))
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(output, path.join(entry.parentPath, entry.name)))
      .toSorted();
    const lines = await Promise.all(
      files.map(async (file) => `${sha256(await readFile(path.join(output, file)))}  ${file}\n`),
    );

    const name = `golden/output.revision-${distributionMetadataFunction.revision}.txt`;
    await expect(lines.join('')).toMatchFileSnapshot(name);
    await expect(await read(output, 'python/PYTHON.json')).toMatchFileSnapshot(
      'golden/PYTHON.json.txt',
    );
  });

  it('is the same for the same inputs', async () => {
    const [first, second] = [await run(), await run()];
    for (const file of ['python/PYTHON.json', 'lists/full.list', 'lists/install_only.list']) {
      expect(await read(first, file)).toBe(await read(second, file));
    }
  });
});
