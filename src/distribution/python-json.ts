import {valueOrThrow} from '../core/errors.js';
import {optimizationsOf, parseBuildOptions} from '../core/build-options.js';
import type {ExtensionEntry} from './extension-entries.js';
import type {LinkEntry} from './linkage/python-json-links.js';
import type {RuntimeFacts} from './runtime-facts.js';

/** The facts in PYTHON.json that do not come from the interpreter. Paths are relative to `python/`. */
export interface PythonJsonInputs {
  readonly runtime: RuntimeFacts;
  readonly targetTriple: string;
  /** The option string, `noopt`. */
  readonly options: string;
  /** The highest glibc version that any ELF file needs, `2.31`; `undefined` when none needs one. */
  readonly maximumGlibcVersion: string | undefined;
  readonly testPackages: readonly string[];
  readonly coreObjects: readonly string[];
  readonly coreLinks: readonly LinkEntry[];
  readonly extensions: Readonly<Record<string, readonly [ExtensionEntry]>>;
}

/** The paths that PYTHON.json names outside the extension modules. Every one must be in the archive. */
export function pythonJsonPaths(runtime: RuntimeFacts): {
  readonly executable: string;
  readonly sharedLibrary: string;
  readonly staticLibrary: string;
  readonly inittabObject: string;
  readonly inittabSource: string;
  readonly runTests: string;
  readonly licence: string;
} {
  const library = `libpython${runtime.majorMinorVersion}${runtime.abiFlags}`;
  return {
    executable: runtime.executable,
    sharedLibrary: `install/lib/${library}.so.1.0`,
    staticLibrary: `${runtime.platformConfig}/${library}.a`,
    inittabObject: 'build/Modules/config.o',
    inittabSource: 'build/Modules/config.c',
    runTests: 'build/run_tests.py',
    licence: 'licenses/LICENSE.cpython.txt',
  };
}

/** The content of PYTHON.json, format version 8: only keys that its readers know, sorted, indented by four spaces. */
export function renderPythonJson(inputs: PythonJsonInputs): string {
  const {runtime, options} = inputs;
  const paths = pythonJsonPaths(runtime);
  return stringifySorted({
    version: '8',
    target_triple: inputs.targetTriple,
    build_options: options,
    optimizations: optimizationsOf(valueOrThrow(parseBuildOptions(options))),
    python_tag: runtime.tag,
    python_abi_tag: runtime.abiFlags,
    python_platform_tag: runtime.platformTag,
    python_implementation_cache_tag: runtime.cacheTag,
    python_implementation_hex_version: runtime.hexVersion,
    python_implementation_name: runtime.implementationName,
    python_implementation_version: runtime.implementationVersion,
    python_version: runtime.version,
    python_major_minor_version: runtime.majorMinorVersion,
    python_exe: paths.executable,
    python_paths: runtime.paths,
    python_paths_abstract: runtime.abstractPaths,
    python_config_vars: runtime.configVars,
    python_stdlib_platform_config: runtime.platformConfig,
    python_stdlib_test_packages: inputs.testPackages,
    python_suffixes: runtime.suffixes,
    python_bytecode_magic_number: runtime.bytecodeMagicNumber,
    python_symbol_visibility: 'global-default',
    python_extension_module_loading: ['builtin', 'shared-library'],
    libpython_link_mode: 'shared',
    crt_features: [
      'glibc-dynamic',
      ...(inputs.maximumGlibcVersion === undefined
        ? []
        : [`glibc-max-symbol-version:${inputs.maximumGlibcVersion}`]),
    ],
    run_tests: paths.runTests,
    licenses: ['Python-2.0', 'CNRI-Python'],
    license_path: paths.licence,
    build_info: {
      object_file_format: 'elf',
      inittab_object: paths.inittabObject,
      inittab_source: paths.inittabSource,
      inittab_cflags: inittabFlags(runtime.configVars),
      core: {
        objs: inputs.coreObjects,
        links: inputs.coreLinks,
        shared_lib: paths.sharedLibrary,
        static_lib: paths.staticLibrary,
      },
      extensions: inputs.extensions,
    },
  });
}

/** The flags that matter for compiling another inittab: C standard, asserts, access to the core's headers. */
function inittabFlags(configVars: Readonly<Record<string, string>>): readonly string[] {
  const words = ['CONFIGURE_CFLAGS_NODIST', 'OPT', 'CFLAGS'].flatMap((name) =>
    (configVars[name] ?? '').split(/\s+/),
  );
  const standard = words.find((word) => word.startsWith('-std='));
  return [
    ...(standard === undefined ? [] : [standard]),
    ...(words.includes('-DNDEBUG') ? ['-DNDEBUG'] : []),
    '-DPy_BUILD_CORE',
  ];
}

/** JSON with sorted keys, indented by four spaces. */
export function stringifySorted(value: unknown): string {
  const sortKeys = (_key: string, item: unknown): unknown =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item;
  return `${JSON.stringify(value, sortKeys, 4)}\n`;
}
