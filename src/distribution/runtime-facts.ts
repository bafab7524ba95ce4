import {JsonReader} from './json-reader.js';

/** What the built interpreter reports about itself. Paths are relative to `python/` and begin with `install`. */
export interface RuntimeFacts {
  /** `sys.abiflags`: "", "t", "d" or "td". */
  readonly abiFlags: string;
  /** `cp314` */
  readonly tag: string;
  /** `linux-x86_64` */
  readonly platformTag: string;
  /** `cpython-314` */
  readonly cacheTag: string;
  readonly hexVersion: number;
  readonly implementationName: string;
  /** `["3", "14", "7", "final", "0"]` */
  readonly implementationVersion: readonly string[];
  readonly version: string;
  readonly majorMinorVersion: string;
  readonly executable: string;
  readonly paths: Readonly<Record<string, string>>;
  readonly abstractPaths: Readonly<Record<string, string>>;
  readonly configVars: Readonly<Record<string, string>>;
  /** The directory that holds the Makefile. */
  readonly platformConfig: string;
  readonly suffixes: Readonly<Record<string, readonly string[]>>;
  readonly bytecodeMagicNumber: string;
  readonly builtinModules: readonly string[];
  /** Packages of the standard library that contain only tests, `idlelib.idle_test`. */
  readonly testPackages: readonly string[];
}

/** Reads the cpython artifact's `runtime.json`. Throws `DistributionError` for a missing value or a wrong type. */
export function parseRuntimeFacts(text: string): RuntimeFacts {
  const json = JsonReader.parse('runtime.json', text);
  const texts = (key: string) => json.get(key).record((item) => item.text());
  return {
    abiFlags: json.get('python_abi_tag').text(),
    tag: json.get('python_tag').text(),
    platformTag: json.get('python_platform_tag').text(),
    cacheTag: json.get('python_implementation_cache_tag').text(),
    hexVersion: json.get('python_implementation_hex_version').number(),
    implementationName: json.get('python_implementation_name').text(),
    implementationVersion: json.get('python_implementation_version').list((item) => item.text()),
    version: json.get('python_version').text(),
    majorMinorVersion: json.get('python_major_minor_version').text(),
    executable: json.get('python_exe').text(),
    paths: texts('python_paths'),
    abstractPaths: texts('python_paths_abstract'),
    configVars: texts('python_config_vars'),
    platformConfig: json.get('python_stdlib_platform_config').text(),
    suffixes: json
      .get('python_suffixes')
      .record((suffixes) => suffixes.list((suffix) => suffix.text())),
    bytecodeMagicNumber: json.get('python_bytecode_magic_number').text(),
    builtinModules: json.get('builtin_module_names').list((item) => item.text()),
    testPackages: json.get('python_stdlib_test_packages').list((item) => item.text()),
  };
}
