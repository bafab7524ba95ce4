import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {findInstallation} from '../../../src/installation/find-installation.js';
import {inspectTree, type KnownModules} from '../../../src/installation/inspect-tree.js';
import {
  interpreterShape,
  makeTree,
  sysconfigData,
  type TreeContent,
} from '../../support/python-tree.js';

const library = 'lib/python3.14';
const dynamic = `${library}/lib-dynload`;
const suffix = '.cpython-314-x86_64-linux-gnu.so';

const known: KnownModules = {
  definitions: (await loadProject()).moduleDefinitions,
  series: ['3.14'],
};

const variables = {
  VERSION: '3.14',
  MULTIARCH: 'x86_64-linux-gnu',
  CC: 'gcc',
  CONFIG_ARGS: '',
  PY_CORE_CFLAGS: '-O2 -DNDEBUG -O3',
  prefix: '/usr/local',
  Py_DEBUG: 0,
};

function prefixWith(
  more: Readonly<Record<string, string | number>>,
  content: TreeContent = {},
): TreeContent {
  return {
    'bin/python3.14': interpreterShape('posix', 'sys'),
    [`${library}/os.py`]: '',
    [`${library}/_sysconfigdata__linux_x86_64-linux-gnu.py`]: sysconfigData({
      ...variables,
      ...more,
    }),
    'include/python3.14/patchlevel.h': '#define PY_VERSION  "3.14.7"\n',
    ...content,
  };
}

async function inspect(content: TreeContent) {
  await using tree = await makeTree(content);
  return await inspectTree(await findInstallation(tree.hostPath), known);
}

describe('facts of a tree', () => {
  it('are read from its files, each with where it was', async () => {
    const {facts} = await inspect(prefixWith({}));

    expect(facts).toMatchObject({
      python: {value: '3.14.7', from: 'patchlevel.h'},
      target: {value: 'x86_64-unknown-linux-gnu', from: 'sysconfig'},
      options: {value: 'noopt', from: 'sysconfig'},
      optimization: {value: '-O3'},
      assertions: {value: 'off'},
      abiFlags: {value: ''},
      configuredPrefix: {value: '/usr/local'},
    });
  });

  it('the version is found in the interpreter where there are no headers', async () => {
    const {facts} = await inspect({
      ...prefixWith({}),
      'include/python3.14/patchlevel.h': '',
      'bin/python3.14': {
        ...interpreterShape(),
        sections: {'.rodata': 'x\x003.14.0b\x003.14.7\x00'},
      },
    });

    expect(facts.python).toEqual({value: '3.14.7', from: 'python3.14'});
  });

  it.each([
    [{CONFIG_ARGS: '--enable-optimizations --with-lto=full'}, 'pgo+lto'],
    [{CONFIG_ARGS: '--with-lto=no'}, 'noopt'],
    [{Py_DEBUG: 1, Py_GIL_DISABLED: 1}, 'freethreaded+debug'],
    [
      {Py_DEBUG: 1, CONFIG_ARGS: '--with-address-sanitizer --with-trace-refs'},
      'debug+trace-refs+asan',
    ],
    [{PY_CORE_CFLAGS: '-O3 -flto=thin'}, 'lto'],
  ])('the build options of %j are %s', async (more, options) => {
    expect((await inspect(prefixWith(more))).facts.options?.value).toBe(options);
  });
});

describe('extension modules of a tree', () => {
  it('are its built-in ones and the files of lib-dynload', async () => {
    const {extensions} = await inspect(
      prefixWith({}, {[`${dynamic}/_dbm${suffix}`]: {kind: 'shared', needed: []}}),
    );

    expect(extensions.map(({name, linkage}) => [name, linkage])).toEqual([
      ['_dbm', 'shared'],
      ['posix', 'built in'],
      ['sys', 'built in'],
    ]);
  });

  it.each([
    ['_ssl', 'missing', 'not built', 'openssl (-lssl -lcrypto) was not found by configure'],
    ['_tkinter', 'missing', 'not built', 'Tcl and Tk were not found by configure'],
    ['_tkinter', 'disabled', 'disabled', 'by the options of configure'],
    ['_scproxy', 'n/a', 'not available', 'this platform does not have it, says configure'],
    ['_gdbm', 'yes', 'removed', expect.stringContaining('packaged apart')],
  ])('%s, %s for configure, is %s', async (name, state, kind, cause) => {
    const {missingExtensions} = await inspect(
      prefixWith({[`MODULE_${name.toUpperCase()}_STATE`]: state}),
    );

    expect(missingExtensions.find((module) => module.name === name)).toEqual({name, kind, cause});
  });

  it('one that could not be imported after its build is named with its file', async () => {
    const file = `_dbm_failed${suffix}`;
    const {missingExtensions} = await inspect(
      prefixWith({MODULE__DBM_STATE: 'yes'}, {[`${dynamic}/${file}`]: {kind: 'shared'}}),
    );

    expect(missingExtensions.find(({name}) => name === '_dbm')).toEqual({
      name: '_dbm',
      kind: 'failed',
      cause: `built as ${file}, but it could not be imported then`,
    });
  });

  it('one that the makefile has built is said to be removed, though configure knows no state of it', async () => {
    const {missingExtensions} = await inspect(prefixWith({MODSHARED_NAMES: '_crypt _dbm'}));

    expect(missingExtensions.find(({name}) => name === '_dbm')?.kind).toBe('removed');
  });

  it('one that Ampoule leaves out has its reason in a tree of Ampoule', async () => {
    const json = JSON.stringify({python: '3.14.7', build_options: 'noopt', components: []});
    const {missingExtensions} = await inspect(
      prefixWith({MODULE__GDBM_STATE: 'disabled'}, {'share/ampoule/distribution.json': json}),
    );

    expect(missingExtensions.find(({name}) => name === '_gdbm')?.cause).toContain('GPL');
  });

  it('nobody knows why one is missing where sysconfig has no file', async () => {
    const {missingExtensions, notKnown} = await inspect({
      'bin/python3.14': interpreterShape('posix'),
      [`${library}/os.py`]: '',
      [`${library}/test/libregrtest/main.py`]: '',
      'include/python3.14/patchlevel.h': '#define PY_VERSION  "3.14.7"\n',
    });

    expect(notKnown.join()).toContain('there is no _sysconfigdata__*.py');
    // Without a target not even that it should be there is known.
    expect(missingExtensions.every(({kind}) => kind === 'unknown')).toBe(true);
  });

  it('a library that is missing is named, with the file that needs it', async () => {
    const {extensions, missingLibraries} = await inspect(
      prefixWith(
        {},
        {
          [`${dynamic}/_one${suffix}`]: {kind: 'shared', needed: ['libnowhere.so.1']},
          [`${dynamic}/_two${suffix}`]: {
            kind: 'shared',
            needed: ['libnear.so.1'],
            runpath: '$ORIGIN/..',
          },
          [`${library}/libnear.so.1`]: {kind: 'shared', needed: ['libfar.so.1']},
        },
      ),
    );

    const missing = extensions.flatMap(({name, missingLibraries: all}) =>
      all.map(({library: each, neededBy}) => [name, each, path.basename(neededBy)]),
    );
    expect(missing).toEqual([
      ['_one', 'libnowhere.so.1', `_one${suffix}`],
      ['_two', 'libfar.so.1', 'libnear.so.1'],
    ]);
    expect(missingLibraries).toEqual([]);
  });
});
