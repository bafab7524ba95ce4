import {copyFile, mkdir, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {DistributionParameters} from '../../../src/distribution/parameters.js';
import type {ExpectedLibrary, ExpectedModule} from '../../../src/data/modules-json.js';
import {objectFile, staticLibrary} from '../../support/object-file.js';

/** A Makefile with the parts that CPython's has, in its spelling. */
export const makefileText = `# Generated automatically from Makefile.pre by makesetup.
MODBUILT_NAMES=      _ssl  _sha2  _hmac  posix  _dbm
MODSHARED_NAMES=    _dbm
MODDISABLED_NAMES=  _tkinter
LIBS=\t\t-ldl -lpthread
LIBM=\t\t-lm
LIBC=
SYSLIBS=\t$(LIBM) $(LIBC)
EXT_SUFFIX=\t.cpython-314-x86_64-linux-gnu.so
BLDSHARED=      clang -shared -L/deps/lib -lwrong
MODULE_LDFLAGS_SHARED=-lpython3.14
MODULE__SSL_LDFLAGS=  -L/deps/lib -lssl -lcrypto
LIBHACL_SHA2_OBJS= \\
                Modules/_hacl/Hacl_Hash_SHA2.o
LIBHACL_SHA2_LIB_STATIC=Modules/_hacl/libHacl_Hash_SHA2.a
MODULE__SHA2_LDFLAGS=$(LIBHACL_SHA2_LIB_STATIC)
MODULE__SHA2_LDEPS=$(LIBHACL_SHA2_LIB_STATIC)
MODOBJS=         Modules/_ssl.o  Modules/sha2module.o  Modules/hmacmodule.o Modules/posixmodule.o
PARSER_OBJS= Parser/parser.o
OBJECT_OBJS= Objects/object.o
PYTHON_OBJS= Python/ast.o Python/dtoa.o
MODULE_OBJS=\tModules/getpath.o Modules/config.o
LIBRARY_OBJS= \\
\t\t$(PARSER_OBJS) \\
\t\t$(OBJECT_OBJS) \\
\t\t$(PYTHON_OBJS) \\
\t\t$(MODULE_OBJS) \\
\t\t$(MODOBJS)

$(LIBHACL_SHA2_LIB_STATIC): $(LIBHACL_SHA2_OBJS)
\t-rm -f $@
\t$(AR) $(ARFLAGS) $@ $(LIBHACL_SHA2_OBJS)

# Rules appended by makesetup

Modules/_ssl.o: $(srcdir)/Modules/_ssl.c $(MODULE__SSL_DEPS); $(CC) -c $(srcdir)/Modules/_ssl.c -o Modules/_ssl.o
Modules/_ssl$(EXT_SUFFIX):  Modules/_ssl.o $(MODULE__SSL_LDEPS); $(BLDSHARED)  Modules/_ssl.o $(MODULE__SSL_LDFLAGS) $(MODULE_LDFLAGS_SHARED) -o Modules/_ssl$(EXT_SUFFIX)
Modules/_sha2$(EXT_SUFFIX):  Modules/sha2module.o $(MODULE__SHA2_LDEPS); $(BLDSHARED)  Modules/sha2module.o $(MODULE__SHA2_LDFLAGS) $(MODULE_LDFLAGS_SHARED) -o Modules/_sha2$(EXT_SUFFIX)
Modules/_hmac$(EXT_SUFFIX):  Modules/hmacmodule.o $(MODULE__HMAC_LDEPS); $(BLDSHARED)  Modules/hmacmodule.o $(MODULE__HMAC_LDFLAGS) $(MODULE_LDFLAGS_SHARED) -o Modules/_hmac$(EXT_SUFFIX)
Modules/posix$(EXT_SUFFIX):  Modules/posixmodule.o; $(BLDSHARED)  Modules/posixmodule.o  $(LIBPYTHON) -o Modules/posix$(EXT_SUFFIX)
Modules/_dbm$(EXT_SUFFIX):  Modules/_dbmmodule.o $(MODULE__DBM_LDEPS); $(BLDSHARED)  Modules/_dbmmodule.o  -ldb $(MODULE_LDFLAGS_SHARED) -o Modules/_dbm$(EXT_SUFFIX)
`;

const configC = `struct _inittab _PyImport_Inittab[] = {
    {"_ssl", PyInit__ssl},
    {"_sha2", PyInit__sha2},
    {"_hmac", PyInit__hmac},
    {"posix", PyInit_posix},
    {"marshal", PyMarshal_Init},
    {"builtins", NULL},
    {0, 0}
};
`;

const title = 'reference\textracted\tsymbol\n';
const libgcc = '/sysroot/usr/lib/gcc/x86_64-linux-gnu/10/libgcc.a';

/** The linker's records by the name of what was linked. */
const linkRecords: Readonly<Record<string, string>> = {
  python: `${title}/deps/lib/libssl.a(s.o)\t/deps/lib/libcrypto.a(c.o)\tEVP_x
Modules/_ssl.o\t/deps/lib/libssl.a(s.o)\tSSL_x
Modules/hmacmodule.o\tModules/_hacl/libHacl_HMAC.a(Hacl_HMAC.o)\thacl_hmac
Modules/sha2module.o\tModules/_hacl/libHacl_Hash_SHA2.a(Hacl_Hash_SHA2.o)\thacl_sha2
Python/ast.o\t${libgcc}(cpuinfo.o)\t__cpu_model
`,
  'libpython3.14.so': title,
  '_dbm.cpython-314-x86_64-linux-gnu.so': `${title}Modules/_dbmmodule.o\t/deps/lib/libdb.a(d.o)\tdb_x\n`,
};

const licenceList = `Licenses and Acknowledgements for Incorporated Software
=======================================================

strtod and dtoa
---------------

the terms of dtoa


.. _next:

libffi
------

its terms
`;

const stdlib = 'install/lib/python3.14';
const configDirectory = `${stdlib}/config-3.14-x86_64-linux-gnu`;

const runtime = {
  python_abi_tag: '',
  python_tag: 'cp314',
  python_platform_tag: 'linux-x86_64',
  python_implementation_cache_tag: 'cpython-314',
  python_implementation_hex_version: 51251184,
  python_implementation_name: 'cpython',
  python_implementation_version: ['3', '14', '7', 'final', '0'],
  python_version: '3.14.7',
  python_major_minor_version: '3.14',
  python_exe: 'install/bin/python3.14',
  python_paths: {data: 'install', scripts: 'install/bin', stdlib},
  python_paths_abstract: {data: '{base}', stdlib: '{installed_base}/lib/python{py_version_short}'},
  python_config_vars: {
    CONFIGURE_CFLAGS_NODIST: ' -std=c11 -Wextra',
    OPT: '-DNDEBUG -g -O3',
    prefix: '/install',
    MULTIARCH: 'x86_64-linux-gnu',
  },
  python_stdlib_platform_config: configDirectory,
  python_suffixes: {
    bytecode: ['.pyc'],
    debug_bytecode: ['.pyc'],
    optimized_bytecode: ['.pyc'],
    source: ['.py'],
    extension: ['.cpython-314-x86_64-linux-gnu.so', '.abi3.so', '.so'],
  },
  python_bytecode_magic_number: '2b0e0d0a',
  builtin_module_names: ['_hmac', '_sha2', '_ssl', 'builtins', 'marshal', 'posix'],
  python_stdlib_test_packages: ['test'],
};

const module = (
  name: string,
  linkage: ExpectedModule['linkage'],
  options: {
    readonly initFunction?: string | null;
    readonly links?: readonly ExpectedLibrary[];
  } = {},
): ExpectedModule => ({
  name,
  linkage,
  initFunction: options.initFunction === undefined ? `PyInit_${name}` : options.initFunction,
  required: name === 'posix',
  sources: [],
  objects: [],
  archives: [],
  libraries: options.links ?? [],
  dependencies: [],
});

/** The modules that the sample build has, as the stage `setup-local` describes them. */
export const expectedModules: readonly ExpectedModule[] = [
  module('_ssl', 'static', {
    links: [
      {name: 'ssl', dependency: 'openssl'},
      {name: 'crypto', dependency: 'openssl'},
    ],
  }),
  module('_sha2', 'static'),
  module('_hmac', 'static'),
  module('posix', 'static'),
  module('_dbm', 'shared', {links: [{name: 'db', dependency: 'bdb'}]}),
  module('marshal', 'core', {initFunction: 'PyMarshal_Init'}),
  module('builtins', 'core', {initFunction: null}),
];

/** Parameters for the sample build. */
export const sampleParameters: DistributionParameters = {
  python: '3.14.7',
  targetTriple: 'x86_64-unknown-linux-gnu',
  options: 'noopt',
  sourceDateEpoch: Date.UTC(2026, 8, 4) / 1000,
  pythonSources: [
    {fileName: 'Python-3.14.7.tar.xz', sha256: '0'.repeat(64), location: 'https://example.org/p'},
  ],
  components: [
    {
      name: 'openssl',
      version: '3.5.7',
      spdx: 'Apache-2.0',
      sources: [{fileName: 'o.tar.gz', sha256: '1'.repeat(64), location: 'pool/main/o/o.tar.gz'}],
    },
    {name: 'bdb', version: '5.3.28', spdx: 'Sleepycat', sources: []},
  ],
  runtimePieces: [
    {
      name: 'gcc-runtime',
      version: '10.2.1-6',
      spdx: 'GPL-3.0-or-later WITH GCC-exception-3.1',
      text: 'the terms of libgcc\n',
    },
    {name: 'glibc', version: '2.31', spdx: 'LGPL-2.1-or-later', text: 'the terms of glibc\n'},
  ],
  buildRecord: {cflags: '-O3'},
};

const elfFixture = fileURLToPath(new URL('../elf/fixtures/libsample.so', import.meta.url));

const inits = ['_ssl', '_sha2', '_hmac', 'posix'].map((name) => `PyInit_${name}`);

/** The object files of the sample, relative to `build/`. */
const objects: Readonly<Record<string, Buffer>> = {
  'Modules/config.o': objectFile({defined: ['_PyImport_Inittab'], wanted: inits}),
  'Modules/_ssl.o': objectFile({defined: ['PyInit__ssl'], wanted: ['SSL_x', 'PyType_Ready']}),
  'Modules/sha2module.o': objectFile({defined: ['PyInit__sha2'], wanted: ['hacl_sha2']}),
  'Modules/hmacmodule.o': objectFile({defined: ['PyInit__hmac'], wanted: ['hacl_hmac']}),
  'Modules/_hacl/Hacl_Hash_SHA2.o': objectFile({defined: ['hacl_sha2'], wanted: ['memcpy']}),
  'Modules/_hacl/Hacl_HMAC.o': objectFile({defined: ['hacl_hmac'], wanted: ['hacl_sha2']}),
  'Modules/posixmodule.o': objectFile({defined: ['PyInit_posix'], wanted: ['PyType_Ready']}),
  'Modules/_dbmmodule.o': objectFile({defined: ['PyInit__dbm'], wanted: ['db_x', 'PyType_Ready']}),
  'Modules/getpath.o': objectFile({}),
  'Parser/parser.o': objectFile({}),
  'Objects/object.o': objectFile({defined: ['PyType_Ready'], wanted: ['PyInit_posix']}),
  'Programs/python.o': objectFile({defined: ['main']}),
  'Python/ast.o': objectFile({wanted: ['__cpu_model', '_PyImport_Inittab']}),
  'Python/dtoa.o': objectFile({wanted: ['memcpy']}),
};

/** The static libraries of the sample, by file name. The sample's executable takes `exp` from libm. */
const libraries: Readonly<Record<string, Buffer>> = {
  'libssl.a': staticLibrary({'s.o': objectFile({defined: ['SSL_x'], wanted: ['EVP_x']})}),
  'libcrypto.a': staticLibrary({
    'c.o': objectFile({defined: ['EVP_x'], wanted: ['exp']}),
    'unused.o': objectFile({defined: ['EVP_y']}),
  }),
  'libdb.a': staticLibrary({'d.o': objectFile({defined: ['db_x']})}),
};

/** The files of the sample's cpython artifact that hold nothing of interest. */
const emptyFiles = [
  'python/build/run_tests.py',
  `python/${configDirectory}/libpython3.14.a`,
  `python/${stdlib}/os.py`,
  `python/${stdlib}/test/__init__.py`,
];

/** Writes the artifacts that the host stage reads, a few files each, below `root`. Returns them by input name. */
export async function writeSampleBuild(root: string): Promise<ReadonlyMap<string, string>> {
  const texts: readonly (readonly [string, string | Buffer])[] = [
    ...emptyFiles.map((file) => [`cpython/${file}`, ''] as const),
    ['cpython/python/build/Modules/config.c', configC],
    [`cpython/python/${configDirectory}/Makefile`, makefileText],
    [`cpython/python/${stdlib}/LICENSE.txt`, 'the terms of Python\n'],
    [
      `cpython/python/${stdlib}/site-packages/pip-26.2.1.dist-info/licenses/LICENSE.txt`,
      'the terms of pip\n',
    ],
    ['cpython/meta/runtime.json', JSON.stringify(runtime)],
    ...Object.entries(linkRecords).map(
      ([name, text]) => [`cpython/meta/linked-members/${name}.tsv`, text] as const,
    ),
    ...Object.entries(objects).map(
      ([name, bytes]) => [`cpython/python/build/${name}`, bytes] as const,
    ),
    ...Object.entries(libraries).map(
      ([name, bytes]) => [`cpython/python/build/lib/${name}`, bytes] as const,
    ),
    [
      libgcc.slice(1),
      staticLibrary({'cpuinfo.o': objectFile({defined: ['__cpu_model'], wanted: []})}),
    ],
    ['cpython/meta/licenses/license.rst', licenceList],
    ['cpython/meta/licenses/hacl-star.txt', 'the terms of HACL\n'],
    ['setup-local/modules.json', JSON.stringify(expectedModules)],
    ['openssl/lib/libssl.a', ''],
    ['openssl/lib/libcrypto.a', ''],
    ['openssl/share/licenses/openssl/LICENSE.txt', 'the terms of OpenSSL\n'],
    ['bdb/lib/libdb.a', ''],
    ['bdb/share/licenses/bdb/LICENSE', 'the terms of bdb'],
    ['bdb/share/licenses/bdb/NOTICE', 'a notice\n'],
  ];
  for (const [file, text] of texts) {
    await mkdir(path.dirname(path.join(root, file)), {recursive: true});
    await writeFile(path.join(root, file), text);
  }
  await writeBinaries(path.join(root, 'cpython/python'));
  await mkdir(path.join(root, 'sysroot/lib/x86_64-linux-gnu'), {recursive: true});
  await copyFile(elfFixture, path.join(root, 'sysroot/lib/x86_64-linux-gnu/libc.so.6'));
  return new Map([
    ['cpython', path.join(root, 'cpython')],
    ['setup-local', path.join(root, 'setup-local')],
    ['sysroot', path.join(root, 'sysroot')],
    ['dependency/openssl', path.join(root, 'openssl')],
    ['dependency/bdb', path.join(root, 'bdb')],
  ]);
}

async function writeBinaries(python: string): Promise<void> {
  const dynamicLoad = path.join(python, stdlib, 'lib-dynload');
  await mkdir(path.join(python, 'install/bin'), {recursive: true});
  await mkdir(dynamicLoad, {recursive: true});
  await copyFile(elfFixture, path.join(dynamicLoad, '_dbm.cpython-314-x86_64-linux-gnu.so'));
  await copyFile(elfFixture, path.join(python, 'install/lib/libpython3.14.so.1.0'));
  await copyFile(elfFixture, path.join(python, 'install/bin/python3.14'));
  await symlink('python3.14', path.join(python, 'install/bin/python3'));
}
