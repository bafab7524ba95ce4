import {messageOf} from '../core/errors.js';
import {Ajv, type ValidateFunction} from 'ajv';
import {pythonJsonSchema} from './python-json-schema.js';

/** A library in a link entry. */
export interface PythonJsonLink {
  readonly name: string;
  readonly path_static?: string;
  readonly path_dynamic?: string;
  readonly system?: true;
}

/** One way of building an extension module. */
export interface PythonJsonExtension {
  readonly in_core: boolean;
  readonly init_fn: string;
  readonly links: readonly PythonJsonLink[];
  readonly objs: readonly string[];
  readonly required: boolean;
  readonly variant: string;
  readonly shared_lib?: string;
  readonly static_lib?: string;
  readonly licenses?: readonly string[];
  readonly license_paths?: readonly string[];
  readonly license_public_domain?: boolean;
}

/** PYTHON.json, version 8. Paths are relative to `python/`. */
export interface PythonJson {
  readonly target_triple: string;
  readonly build_options: string;
  readonly optimizations: string;
  readonly python_tag: string;
  readonly python_abi_tag: string | null;
  readonly python_platform_tag: string;
  readonly python_implementation_cache_tag: string;
  readonly python_implementation_hex_version: number;
  readonly python_implementation_version: readonly string[];
  readonly python_version: string;
  readonly python_major_minor_version: string;
  readonly python_exe: string;
  readonly python_paths: Readonly<Record<string, string>>;
  readonly python_config_vars: Readonly<Record<string, string>>;
  readonly python_stdlib_platform_config: string;
  readonly python_stdlib_test_packages: readonly string[];
  readonly python_suffixes: {readonly extension: readonly string[]};
  readonly python_extension_module_loading: readonly string[];
  readonly libpython_link_mode: 'shared' | 'static';
  readonly crt_features: readonly string[];
  readonly run_tests: string;
  readonly licenses: readonly string[];
  readonly license_path: string;
  readonly tcl_library_path?: string;
  readonly tcl_library_paths?: readonly string[];
  readonly build_info: {
    readonly object_file_format: string;
    readonly inittab_object: string;
    readonly inittab_source: string;
    readonly inittab_cflags: readonly string[];
    readonly core: {
      readonly objs: readonly string[];
      readonly links: readonly PythonJsonLink[];
      readonly shared_lib?: string;
      readonly static_lib?: string;
    };
    readonly extensions: Readonly<Record<string, readonly PythonJsonExtension[]>>;
  };
}

/** The result of parsing a PYTHON.json. */
export type ParsedPythonJson =
  | {readonly kind: 'valid'; readonly value: PythonJson}
  | {readonly kind: 'no-json'; readonly problem: string}
  /** One line for each violation of the schema. */
  | {readonly kind: 'misfit'; readonly problems: readonly string[]};

/** Parses and checks PYTHON.json; unknown keys are refused at every level. */
export function parsePythonJson(text: string): ParsedPythonJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {kind: 'no-json', problem: messageOf(error)};
  }
  const problems = schemaProblems(value);
  return problems.length > 0
    ? {kind: 'misfit', problems}
    : {kind: 'valid', value: value as PythonJson};
}

/** Compiled on first use. */
let validate: ValidateFunction | undefined;

/** One line for each violation of the schema of version 8. */
export function schemaProblems(value: unknown): readonly string[] {
  validate ??= new Ajv({allErrors: true, strict: true}).compile(pythonJsonSchema);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({instancePath, message, params}) => {
    const detail = Object.values(params as Readonly<Record<string, unknown>>)
      .filter((item) => typeof item === 'string' || Array.isArray(item))
      .map((item) => JSON.stringify(item));
    return `${instancePath === '' ? '/' : instancePath} ${[message, ...detail].join(' ')}`;
  });
}
