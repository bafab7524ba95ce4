import {abiFlagsOf, optimizationsOf, printBuildOptions} from '../../core/build-options.js';
import {seriesOf} from '../../core/variant.js';
import {compareDottedVersions} from '../../elf/glibc-floor.js';
import {readBuildOptions} from '../archive-identity.js';
import type {PythonJson} from '../python-json.js';
import {type Offence, rule, type Rule, treeFlavours} from '../rule.js';
import {
  configFolder,
  differs,
  extensionsOf,
  jsonRule,
  missing,
  pythonJsonPath as path,
} from './json-rule.js';
import {libraryName, programName} from './layout-rules.js';

/** Rules about PYTHON.json: its format, and whether its values are true. */
export const pythonJsonRules: readonly Rule[] = [
  rule(
    'json-syntax',
    'PYTHON.json is JSON.',
    ({pythonJson}) => (pythonJson?.kind === 'no-json' ? [{path, message: pythonJson.problem}] : []),
    treeFlavours,
  ),
  rule(
    'json-schema',
    'PYTHON.json has the keys and kinds of values of format version 8, and no other key.',
    ({pythonJson}) =>
      pythonJson?.kind === 'misfit' ? pythonJson.problems.map((message) => ({path, message})) : [],
    treeFlavours,
  ),
  jsonRule('json-name', "PYTHON.json says what the archive's name says.", (json, {identity}) => {
    if (identity === undefined) return [];
    const {python, targetTriple, options} = identity;
    return [
      ...differs('python_version', python, json.python_version),
      ...differs('target_triple', targetTriple, json.target_triple),
      ...differs('build_options', printBuildOptions(options ?? []), json.build_options),
    ];
  }),
  jsonRule('json-versions', 'All version fields of PYTHON.json say the same.', (json) =>
    versionProblems(json),
  ),
  jsonRule(
    'json-optimizations',
    'optimizations are the build options without freethreaded.',
    (json) =>
      differs(
        'optimizations',
        optimizationsOf(readBuildOptions(json.build_options) ?? []),
        json.optimizations,
      ),
  ),
  jsonRule(
    'json-platform',
    'python_platform_tag is that of the target.',
    (json, {identity, targets}) => {
      const target = targets.get(identity?.targetTriple ?? json.target_triple);
      if (target === undefined) return [];
      return differs('python_platform_tag', target.platform, json.python_platform_tag);
    },
  ),
  jsonRule(
    'json-abi',
    'ABI flags and the variables for debug and free threading fit the build options.',
    (json) => {
      const flags = abiFlagsOf(readBuildOptions(json.build_options) ?? []);
      const variables = json.python_config_vars;
      return [
        ...differs('python_abi_tag', flags, json.python_abi_tag ?? ''),
        ...differs('python_config_vars.abiflags', flags, variables['abiflags'] ?? ''),
        ...differs(
          'python_config_vars.Py_DEBUG',
          flags.includes('d') ? '1' : '0',
          variables['Py_DEBUG'] ?? '0',
        ),
        ...differs(
          'python_config_vars.Py_GIL_DISABLED',
          flags.includes('t') ? '1' : '0',
          variables['Py_GIL_DISABLED'] ?? '0',
        ),
      ];
    },
  ),
  jsonRule('json-program', 'python_exe is bin/pythonX.Y with the ABI flags.', (json, archive) =>
    differs('python_exe', `install/bin/${programName(archive)}`, json.python_exe),
  ),
  jsonRule(
    'json-libpython',
    'core.shared_lib and core.static_lib are the libpython of this version and target.',
    (json, archive) => {
      const {core} = json.build_info;
      const name = libraryName(archive);
      const isShared = json.libpython_link_mode === 'shared';
      return [
        ...differs(
          'core.shared_lib',
          isShared ? `install/lib/${name}.so.1.0` : '',
          core.shared_lib ?? '',
        ),
        ...differs(
          'core.static_lib',
          `${configFolder(json, archive)}/${name}.a`,
          core.static_lib ?? '',
        ),
      ];
    },
  ),
  jsonRule(
    'json-config-folder',
    'python_stdlib_platform_config is the folder of this version and target.',
    (json, archive) =>
      differs(
        'python_stdlib_platform_config',
        configFolder(json, archive),
        json.python_stdlib_platform_config,
      ),
  ),
  jsonRule(
    'json-files',
    'Every file that PYTHON.json names outside the extension modules is in the archive.',
    (json, archive) => {
      const {core, inittab_object, inittab_source} = json.build_info;
      const {python_exe, run_tests} = json;
      const named = [
        python_exe,
        run_tests,
        inittab_object,
        inittab_source,
        core.shared_lib,
        core.static_lib,
      ];
      return missing(archive, named);
    },
  ),
  jsonRule('json-core-objects', 'Every object of the core is in the archive.', (json, archive) =>
    missing(archive, json.build_info.core.objs),
  ),
  jsonRule(
    'json-folders',
    'Every folder that PYTHON.json names holds something.',
    (json, {folders}) =>
      [...Object.values(json.python_paths), json.python_stdlib_platform_config]
        .filter((folder) => !folders.has(`python/${folder}`))
        .map((folder) => ({
          path,
          message: `names the folder ${folder}, which is not in the archive`,
        })),
  ),
  jsonRule(
    'json-test-packages',
    'Every test package that PYTHON.json names is there.',
    (json, archive) =>
      json.python_stdlib_test_packages
        .filter(
          (name) => !archive.folders.has(`${archive.standardLibrary}/${name.replaceAll('.', '/')}`),
        )
        .map((name) => ({
          path,
          message: `names the test package ${name}, which is not in the archive`,
        })),
  ),
  jsonRule('json-tcl', 'The folders of Tcl that PYTHON.json names are there.', (json, {folders}) =>
    (json.tcl_library_paths ?? [])
      .map((name) => `${json.tcl_library_path ?? 'install/lib'}/${name}`)
      .filter((folder) => !folders.has(`python/${folder}`))
      .map((folder) => ({path, message: `names ${folder}, which is not in the archive`})),
  ),
  jsonRule(
    'json-suffixes',
    'The first extension suffix is that of this version and target.',
    (json, archive) => {
      const multiarch = archive.targets.get(json.target_triple)?.multiarch;
      if (multiarch === undefined) return [];
      const version = archive.majorMinor.replace('.', '');
      return differs(
        'python_suffixes.extension[0]',
        `.cpython-${version}${archive.abiFlags}-${multiarch}.so`,
        json.python_suffixes.extension[0] ?? '',
      );
    },
  ),
  jsonRule(
    'json-prefix',
    'python_config_vars hold the prefix /install, which installers replace.',
    (json) =>
      ['prefix', 'exec_prefix'].flatMap((name) =>
        differs(`python_config_vars.${name}`, '/install', json.python_config_vars[name] ?? ''),
      ),
  ),
  jsonRule(
    'json-loading',
    'Extension modules are loaded from libraries if and only if there are such.',
    (json) => {
      const hasShared = extensionsOf(json).some(([, {shared_lib}]) => shared_lib !== undefined);
      const wanted = hasShared ? 'builtin, shared-library' : 'builtin';
      const got = json.python_extension_module_loading.join(', ');
      return differs('python_extension_module_loading', wanted, got);
    },
  ),
  jsonRule(
    'json-crt',
    'crt_features names the highest glibc version that a program or library needs.',
    (json, archive) => {
      const highest = archive.elfFiles
        .flatMap(({glibcVersions}) => glibcVersions)
        .toSorted(compareDottedVersions)
        .at(-1);
      const wanted = ['glibc-dynamic', `glibc-max-symbol-version:${highest ?? 'none'}`].join(', ');
      return differs('crt_features', wanted, json.crt_features.join(', '));
    },
  ),
];

function versionProblems(json: PythonJson): readonly Offence[] {
  const majorMinor = seriesOf(json.python_version);
  const tag = majorMinor.replace('.', '');
  const [major = '', minor = '', micro = '', level = '', serial = ''] =
    json.python_implementation_version;
  const short = {alpha: 'a', beta: 'b', candidate: 'rc', final: ''}[level] ?? level;
  const version = `${major}.${minor}.${micro}${short}${level === 'final' ? '' : serial}`;
  const levelDigit = {alpha: 0xa, beta: 0xb, candidate: 0xc, final: 0xf}[level] ?? 0;
  const hexVersion = [
    Number(major),
    Number(minor),
    Number(micro),
    levelDigit * 16 + Number(serial),
  ];
  const wantedHex = hexVersion.reduce((sum, byte) => sum * 256 + byte, 0);
  return [
    ...differs('python_major_minor_version', majorMinor, json.python_major_minor_version),
    ...differs('python_tag', `cp${tag}`, json.python_tag),
    ...differs(
      'python_implementation_cache_tag',
      `cpython-${tag}`,
      json.python_implementation_cache_tag,
    ),
    ...differs('python_implementation_version', json.python_version, version),
    ...differs(
      'python_implementation_hex_version',
      String(wantedHex),
      String(json.python_implementation_hex_version),
    ),
  ];
}
