import * as v from 'valibot';
import {jsonList as list, parseJsonText} from '../data/json-text.js';
import {readOrThrow} from './distribution-error.js';

const text = v.string();
const texts = list(text);
const named = v.record(v.string(), text);

const runtimeJson = v.pipe(
  v.object({
    python_abi_tag: text,
    python_tag: text,
    python_platform_tag: text,
    python_implementation_cache_tag: text,
    python_implementation_hex_version: v.number(),
    python_implementation_name: text,
    python_implementation_version: texts,
    python_version: text,
    python_major_minor_version: text,
    python_exe: text,
    python_paths: named,
    python_paths_abstract: named,
    python_config_vars: named,
    python_stdlib_platform_config: text,
    python_suffixes: v.record(v.string(), texts),
    python_bytecode_magic_number: text,
    builtin_module_names: texts,
    python_stdlib_test_packages: texts,
  }),
  v.transform((json) => ({
    /** `sys.abiflags`: "", "t", "d" or "td". */
    abiFlags: json.python_abi_tag,
    /** `cp314` */
    tag: json.python_tag,
    /** `linux-x86_64` */
    platformTag: json.python_platform_tag,
    /** `cpython-314` */
    cacheTag: json.python_implementation_cache_tag,
    hexVersion: json.python_implementation_hex_version,
    implementationName: json.python_implementation_name,
    /** `["3", "14", "7", "final", "0"]` */
    implementationVersion: json.python_implementation_version,
    // A developer's tree has a "+" there between two releases.
    version: json.python_version.replace(/\+$/, ''),
    majorMinorVersion: json.python_major_minor_version,
    executable: json.python_exe,
    paths: json.python_paths,
    abstractPaths: json.python_paths_abstract,
    configVars: json.python_config_vars,
    /** The directory that holds the Makefile. */
    platformConfig: json.python_stdlib_platform_config,
    suffixes: json.python_suffixes,
    bytecodeMagicNumber: json.python_bytecode_magic_number,
    builtinModules: json.builtin_module_names,
    /** Packages of the standard library that contain only tests, `idlelib.idle_test`. */
    testPackages: json.python_stdlib_test_packages,
  })),
);

/** What the built interpreter reports about itself. Paths are relative to `python/` and begin with `install`. */
export type RuntimeFacts = v.InferOutput<typeof runtimeJson>;

/** Reads the cpython artifact's `runtime.json`. Throws `DistributionError` for a missing value or a wrong type. */
export function parseRuntimeFacts(json: string): RuntimeFacts {
  return readOrThrow(parseJsonText('runtime.json', json, runtimeJson));
}
