import {readFileSync} from 'node:fs';
import path from 'node:path';

/** A library that something is linked with. */
export interface Link {
  readonly name: string;
  readonly path_static?: string;
  readonly system?: true;
}

/** One way of building an extension module. */
export interface Extension {
  readonly in_core: boolean;
  readonly init_fn: string;
  readonly links: readonly Link[];
  readonly licenses?: readonly string[];
  readonly license_paths?: readonly string[];
  readonly objs: readonly string[];
  readonly required: boolean;
  readonly shared_lib?: string;
}

/** What embedders read. Paths are relative to the folder of PYTHON.json. */
export interface BuildInfo {
  readonly inittab_object: string;
  readonly inittab_source: string;
  readonly inittab_cflags: readonly string[];
  readonly core: {
    readonly objs: readonly string[];
    readonly links: readonly Link[];
    readonly shared_lib: string;
    readonly static_lib: string;
  };
  readonly extensions: Readonly<Record<string, readonly Extension[]>>;
}

/** PYTHON.json as far as tests look at it. */
export interface PythonJson {
  readonly version: string;
  readonly python_version: string;
  readonly python_major_minor_version: string;
  readonly python_exe: string;
  readonly target_triple: string;
  readonly build_options: string;
  readonly licenses: readonly string[];
  readonly license_path: string;
  readonly run_tests: string;
  readonly crt_features: readonly string[];
  readonly python_paths: Readonly<Record<string, string>>;
  readonly python_config_vars: Readonly<Record<string, string>>;
  readonly python_stdlib_test_packages: readonly string[];
  readonly python_stdlib_platform_config: string;
  readonly build_info: BuildInfo;
}

/** Reads the PYTHON.json of an unpacked full archive. `folder` is its `python/`. */
export function readPythonJson(folder: string): PythonJson {
  return JSON.parse(readFileSync(path.join(folder, 'PYTHON.json'), 'utf8')) as PythonJson;
}

/** Every extension module with each of its variants. */
export function extensionsOf({build_info}: PythonJson): readonly (readonly [string, Extension])[] {
  return Object.entries(build_info.extensions).flatMap(([name, variants]) =>
    variants.map((variant) => [name, variant] as const),
  );
}
