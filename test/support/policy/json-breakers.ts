import {full, installOnly, type Breakers} from './breaker.js';
import {dynamicPath} from './sample-parts.js';
import type {SampleArchive} from './sample-archive.js';

function extension(sample: SampleArchive, name: string) {
  const [variant] = sample.json.build_info.extensions[name] ?? [];
  if (variant === undefined) throw new Error(`the sample has no extension module ${name}`);
  return variant;
}

/** Removes every line of a text that has `part` in it. */
function withoutLine(text: string, part: string): string {
  return text
    .split('\n')
    .filter((line) => !line.includes(part))
    .join('\n');
}

/** PYTHON.json and the extension modules. */
export const jsonBreakers: Breakers = {
  'json-syntax': full((sample) => (sample.pythonJsonText = '{"version": "8",}')),
  'json-schema': full(
    (sample) => Object.assign(sample.json, {arch: 'x86_64'}),
    (sample) => Object.assign(sample.json.build_info, {extra: true}),
    (sample) => Object.assign(sample.json.build_info.core, {extra: true}),
    (sample) => Object.assign(extension(sample, 'zlib'), {extra: true}),
    (sample) => Object.assign(extension(sample, 'zlib').links[0] ?? {}, {extra: true}),
    (sample) => Object.assign(extension(sample, 'zlib').links[0] ?? {}, {system: true}),
    (sample) => Object.assign(sample.json.python_suffixes, {extra: []}),
    (sample) => (sample.json.version = '7'),
    (sample) => (sample.json.run_tests = '../run_tests.py'),
    (sample) => delete (sample.json as {build_options?: string}).build_options,
  ),
  'json-name': full(({json}) => {
    json.python_version = '3.14.8';
    json.python_implementation_version = ['3', '14', '8', 'final', '0'];
    json.python_implementation_hex_version = 0x030e08f0;
  }),
  'json-versions': full(
    ({json}) => (json.python_tag = 'cp313'),
    ({json}) => (json.python_implementation_cache_tag = 'cpython-313'),
    ({json}) => (json.python_implementation_hex_version += 1),
    ({json}) => (json.python_implementation_version = ['3', '14', '7', 'candidate', '1']),
    ({json}) => (json.python_major_minor_version = '3.13'),
  ),
  'json-optimizations': full(({json}) => (json.optimizations = 'lto')),
  'json-platform': full(({json}) => (json.python_platform_tag = 'linux-aarch64')),
  'json-abi': full(
    ({json}) => (json.python_config_vars['Py_DEBUG'] = '1'),
    ({json}) => (json.python_config_vars['Py_GIL_DISABLED'] = '1'),
    ({json}) => (json.python_abi_tag = 't'),
  ),
  'json-program': full(({json}) => (json.python_exe = 'install/bin/python3')),
  'json-libpython': full(
    ({json}) => (json.build_info.core.shared_lib = 'install/lib/libpython3.14.so'),
    ({json}) => (json.build_info.core.static_lib = 'build/lib/libz.a'),
  ),
  'json-config-folder': full(
    ({json}) => (json.python_stdlib_platform_config = 'install/lib/python3.14/encodings'),
  ),
  'json-files': full(({json}) => (json.run_tests = 'build/none.py')),
  'json-core-objects': full(({json}) => json.build_info.core.objs.push('build/Objects/none.o')),
  'json-folders': full(({json}) => (json.python_paths['extra'] = 'install/none')),
  'json-test-packages': full(({json}) => json.python_stdlib_test_packages.push('json.tests')),
  'json-tcl': full(({json}) => Object.assign(json, {tcl_library_paths: ['tk9.0']})),
  'json-suffixes': full(({json}) => json.python_suffixes.extension.shift()),
  'json-prefix': full(({json}) => (json.python_config_vars['exec_prefix'] = '/usr')),
  'json-loading': full(({json}) => json.python_extension_module_loading.pop()),
  'json-crt': full(
    ({json}) => (json.crt_features = ['glibc-dynamic', 'glibc-max-symbol-version:2.17']),
    ({json}) => (json.crt_features = ['glibc-dynamic']),
  ),
  'json-extension-files': full(
    (sample) => extension(sample, 'zlib').objs.push('build/Modules/none.o'),
    (sample) => (extension(sample, '_dbm').shared_lib = 'install/lib/none.so'),
  ),
  'json-extension-objects': full((sample) => (extension(sample, 'zlib').objs = [])),
  'json-link-files': full(({json}) =>
    json.build_info.core.links.push({name: 'none', path_static: 'build/lib/libnone.a'}),
  ),
  'json-link-names': full(({json}) =>
    json.build_info.core.links.push({name: 'other', path_static: 'build/lib/libz.a'}),
  ),
  'json-system-links': full(({json}) =>
    json.build_info.core.links.push({name: 'ncurses', system: true}),
  ),
  'json-link-licences': full((sample) => delete extension(sample, 'zlib').licenses),
  'json-inittab': full(
    (sample) => (sample.inittab = withoutLine(sample.inittab, '"zlib"')),
    (sample) => (sample.inittab = `${sample.inittab}\n    {"more", PyInit_more},\n`),
  ),
  'extension-set': full(
    (sample) => {
      delete sample.json.build_info.extensions['_zoneinfo'];
      sample.inittab = withoutLine(sample.inittab, '"_zoneinfo"');
    },
    (sample) => {
      const {extensions} = sample.json.build_info;
      const variant = {...extension(sample, 'math'), init_fn: 'PyInit_nis'};
      extensions['nis'] = [variant];
      sample.inittab = `${sample.inittab}\n    {"nis", PyInit_nis},\n`;
      sample.library.symbols?.push({name: 'PyInit_nis', isDefined: true});
    },
  ),
  'extension-linkage': full((sample) => {
    delete extension(sample, '_dbm').shared_lib;
    sample.inittab = `${sample.inittab}\n    {"_dbm", PyInit__dbm},\n`;
    sample.library.symbols?.push({name: 'PyInit__dbm', isDefined: true});
  }),
  'extension-files': [
    ...installOnly(
      (sample) => sample.remove(`${sample.prefix}/${dynamicPath('_dbm')}`),
      (sample) =>
        sample.elf(`${sample.prefix}/${dynamicPath('_testcapi')}`, {
          kind: 'shared',
          needed: ['libc.so.6'],
        }),
    ),
    ...full((sample) => sample.text(`${sample.prefix}/${dynamicPath('more')}`, 'x')),
  ],
};
