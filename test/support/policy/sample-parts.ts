import {expectedExtensions} from '../../../src/policy/extension-set.js';
import type {ElfShape} from './elf-writer.js';

/** What the sample is called and where its parts are in the full archive. */
export const sampleIdentity = {
  prefix: 'python/install',
  standardLibrary: 'python/install/lib/python3.14',
  dateTag: '20260909',
  mtimeSeconds: Date.UTC(2026, 8, 9) / 1000,
} as const;

const extensionSuffix = '.cpython-314-x86_64-linux-gnu.so';
const configFolder = 'install/lib/python3.14/config-3.14-x86_64-linux-gnu';
const initFunction = (name: string) => `PyInit_${name}`;

/** Where a shared extension module lies below the prefix. */
export function dynamicPath(name: string): string {
  return `lib/python3.14/lib-dynload/${name}${extensionSuffix}`;
}

const debugSections = {'.debug_info': 'x', '.debug_str': 'Modules/zlibmodule.c\0./source\0'};
const weakNames = ['__gmon_start__', '_ITM_registerTMCloneTable'];

/** `bin/python3.14` */
export function programShape(): ElfShape {
  return {
    kind: 'executable',
    interpreter: '/lib64/ld-linux-x86-64.so.2',
    needed: ['libm.so.6', 'libc.so.6'],
    rpath: '$ORIGIN/../lib',
    symbols: [
      {name: '__stack_chk_fail', version: 'GLIBC_2.4'},
      {name: '__memcpy_chk', version: 'GLIBC_2.14'},
      {name: 'Py_Initialize', isDefined: true},
      ...weakNames.map((name) => ({name, isWeak: true})),
    ],
    sections: {...debugSections},
  };
}

/** `lib/libpython3.14.so.1.0` */
export function libraryShape(): ElfShape {
  const functions = expectedExtensions('3.14')
    .filter(({isShared}) => !isShared)
    .map(({name}) => initFunction(name));
  return {
    kind: 'shared',
    soname: 'libpython3.14.so.1.0',
    needed: ['libm.so.6', 'libc.so.6'],
    symbols: [
      {name: 'memcpy', version: 'GLIBC_2.14'},
      ...['Py_Initialize', 'PyList_New', 'Py_CompileString', ...functions].map((name) => ({
        name,
        isDefined: true,
      })),
    ],
    sections: {...debugSections},
  };
}

/** A shared extension module, or another small library when it has a name. */
export function moduleShape(soname?: string): ElfShape {
  return {
    kind: 'shared',
    needed:
      soname === undefined ? ['libc.so.6'] : ['$ORIGIN/../lib/libpython3.14.so.1.0', 'libc.so.6'],
    ...(soname === undefined ? {} : {soname}),
    symbols: [{name: 'memcpy', version: 'GLIBC_2.14'}],
    sections: {...debugSections},
  };
}

/** The table of built-in modules. */
export function configC(): string {
  const entries = expectedExtensions('3.14')
    .filter(({isShared}) => !isShared)
    .map(({name}) => `    {"${name}", ${initFunction(name)}},\n`);
  return `struct _inittab _PyImport_Inittab[] = {\n${entries.join('')}    {0, 0}\n};\n`;
}

interface SampleExtension {
  in_core: boolean;
  init_fn: string;
  links: Record<string, string | true>[];
  objs: string[];
  required: boolean;
  variant: string;
  shared_lib?: string;
  licenses?: string[];
  license_paths?: string[];
}

function extension(name: string, isShared: boolean): SampleExtension {
  const isLinked = name === 'zlib';
  return {
    in_core: false,
    init_fn: initFunction(name),
    links: isLinked ? [{name: 'z', path_static: 'build/lib/libz.a'}] : [],
    objs: ['build/Modules/modules.o'],
    required: false,
    variant: 'default',
    ...(isShared ? {shared_lib: `install/${dynamicPath(name)}`} : {}),
    ...(isLinked ? {licenses: ['Zlib'], license_paths: ['licenses/LICENSE.zlib.txt']} : {}),
  };
}

/** PYTHON.json of the sample. */
export type SamplePythonJson = ReturnType<typeof pythonJson>;

/** PYTHON.json of the sample. */
export function pythonJson() {
  const library = 'install/lib/python3.14';
  const paths: Record<string, string> = {
    data: 'install',
    include: 'install/include/python3.14',
    platinclude: 'install/include/python3.14',
    platlib: `${library}/site-packages`,
    platstdlib: library,
    purelib: `${library}/site-packages`,
    scripts: 'install/bin',
    stdlib: library,
  };
  const extensions: Record<string, [SampleExtension]> = Object.fromEntries(
    expectedExtensions('3.14').map(({name, isShared}) => [name, [extension(name, isShared)]]),
  );
  const links: Record<string, string | true>[] = [{name: 'm', system: true}];
  const variables: Record<string, string> = {
    prefix: '/install',
    exec_prefix: '/install',
    abiflags: '',
    Py_DEBUG: '0',
    Py_GIL_DISABLED: '0',
  };
  return {
    version: '8',
    target_triple: 'x86_64-unknown-linux-gnu',
    build_options: 'noopt',
    optimizations: 'noopt',
    python_tag: 'cp314',
    python_abi_tag: '',
    python_platform_tag: 'linux-x86_64',
    python_implementation_cache_tag: 'cpython-314',
    python_implementation_hex_version: 0x030e07f0,
    python_implementation_name: 'cpython',
    python_implementation_version: ['3', '14', '7', 'final', '0'],
    python_version: '3.14.7',
    python_major_minor_version: '3.14',
    python_exe: 'install/bin/python3.14',
    python_paths: paths,
    python_paths_abstract: {data: '{base}'},
    python_config_vars: variables,
    python_stdlib_platform_config: configFolder,
    python_stdlib_test_packages: ['test'],
    python_suffixes: {
      bytecode: ['.pyc'],
      debug_bytecode: ['.pyc'],
      optimized_bytecode: ['.pyc'],
      source: ['.py'],
      extension: [extensionSuffix, '.abi3.so', '.so'],
    },
    python_bytecode_magic_number: '2b0e0d0a',
    python_symbol_visibility: 'global-default',
    python_extension_module_loading: ['builtin', 'shared-library'],
    libpython_link_mode: 'shared',
    crt_features: ['glibc-dynamic', 'glibc-max-symbol-version:2.14'],
    run_tests: 'build/run_tests.py',
    licenses: ['Python-2.0', 'CNRI-Python'],
    license_path: 'licenses/LICENSE.cpython.txt',
    build_info: {
      object_file_format: 'elf',
      inittab_object: 'build/Modules/config.o',
      inittab_source: 'build/Modules/config.c',
      inittab_cflags: ['-DPy_BUILD_CORE'],
      core: {
        objs: ['build/Objects/object.o'],
        links,
        shared_lib: 'install/lib/libpython3.14.so.1.0',
        static_lib: `${configFolder}/libpython3.14.a`,
      },
      extensions,
    },
  };
}

/** distribution.json of the sample. */
export type SampleRecord = ReturnType<typeof distributionRecord>;

/** distribution.json of the sample. */
export function distributionRecord() {
  return {
    format: 1,
    python: '3.14.7',
    target_triple: 'x86_64-unknown-linux-gnu',
    build_options: 'noopt',
    glibc_max_symbol_version: '2.14',
    build: {CFLAGS: '-I/deps/include'},
    components: [
      component('cpython', '3.14.7', 'Python-2.0 AND CNRI-Python'),
      component('zlib', '1.3.1', 'Zlib'),
    ],
  };
}

function component(name: string, version: string, spdx: string) {
  return {name, version, spdx, license_path: `licenses/LICENSE.${name}.txt`};
}

/** The variables of `_sysconfigdata`. */
export function sysconfigVariables(): Record<string, string | number> {
  return {
    AR: 'ar',
    CC: 'cc -pthread',
    CFLAGS: '-fno-strict-overflow -DNDEBUG -g -O3',
    CXX: 'c++ -pthread',
    EXT_SUFFIX: extensionSuffix,
    LDFLAGS: '',
    LDSHARED: 'cc -pthread -shared',
    LIBDIR: '/install/lib',
    Py_DEBUG: 0,
    Py_GIL_DISABLED: 0,
    SHELL: '/bin/sh -e',
    VERSION: '3.14',
    exec_prefix: '/install',
    prefix: '/install',
  };
}
