const text = {type: 'string'};
const texts = {type: 'array', items: text};
const textsByName = {type: 'object', additionalProperties: text};
/** A relative path below `python/`, without `..`. */
const file = {
  type: 'string',
  pattern: '^(?:build|install|licenses)/(?!.*(?:^|/)\\.\\.?(?:/|$)).+[^/]$',
};
const folder = {type: 'string', pattern: '^install(?:/(?!.*(?:^|/)\\.\\.?(?:/|$)).+[^/])?$'};
const objects = {
  type: 'array',
  items: {type: 'string', pattern: '^build/.+\\.o$'},
  uniqueItems: true,
};

/** Every object of the format has only known keys: readers refuse unknown ones. */
function record(
  required: Readonly<Record<string, object>>,
  optional: Readonly<Record<string, object>> = {},
): object {
  return {
    type: 'object',
    properties: {...required, ...optional},
    required: Object.keys(required),
    additionalProperties: false,
  };
}

/** A library is either in the archive or part of the system. */
const link = {
  oneOf: [
    record({name: text, path_static: file}),
    record({name: text, path_dynamic: file}),
    record({name: text, system: {const: true}}),
    record({name: text, framework: {const: true}}),
  ],
};
const links = {type: 'array', items: link};

const extension = record(
  {
    in_core: {type: 'boolean'},
    init_fn: {type: 'string', pattern: '^\\w+$'},
    links,
    objs: objects,
    required: {type: 'boolean'},
    variant: text,
  },
  {
    shared_lib: file,
    static_lib: file,
    licenses: {...texts, minItems: 1},
    license_paths: {type: 'array', items: file, minItems: 1},
    license_public_domain: {type: 'boolean'},
  },
);

const buildInfo = record({
  object_file_format: {type: 'string', pattern: '^(?:elf|llvm-bitcode:\\d[\\d.]*)$'},
  inittab_object: file,
  inittab_source: file,
  inittab_cflags: texts,
  core: record({objs: {...objects, minItems: 1}, links}, {shared_lib: file, static_lib: file}),
  extensions: {
    type: 'object',
    additionalProperties: {type: 'array', items: extension, minItems: 1},
  },
});

/** JSON Schema (draft 7) of PYTHON.json, version 8, for Linux. */
export const pythonJsonSchema = record(
  {
    version: {const: '8'},
    target_triple: text,
    build_options: {type: 'string', pattern: '^[a-z]+(?:[+-][a-z]+)*$'},
    optimizations: text,
    python_tag: {type: 'string', pattern: '^cp3\\d+$'},
    python_abi_tag: {enum: [null, '', 't', 'd', 'td']},
    python_platform_tag: text,
    python_implementation_cache_tag: text,
    python_implementation_hex_version: {type: 'integer', minimum: 0},
    python_implementation_name: {const: 'cpython'},
    python_implementation_version: {...texts, minItems: 5, maxItems: 5},
    python_version: {type: 'string', pattern: '^3\\.\\d+\\.\\d+(?:(?:a|b|rc)\\d+)?$'},
    python_major_minor_version: {type: 'string', pattern: '^3\\.\\d+$'},
    python_exe: file,
    python_paths: {
      type: 'object',
      properties: Object.fromEntries(
        ['stdlib', 'platstdlib', 'purelib', 'platlib', 'include', 'scripts', 'data'].map((name) => [
          name,
          folder,
        ]),
      ),
      required: ['stdlib', 'platstdlib', 'purelib', 'platlib', 'include', 'scripts', 'data'],
      additionalProperties: folder,
    },
    python_paths_abstract: textsByName,
    python_config_vars: textsByName,
    python_stdlib_platform_config: folder,
    python_stdlib_test_packages: texts,
    python_suffixes: record({
      bytecode: texts,
      debug_bytecode: texts,
      optimized_bytecode: texts,
      source: texts,
      extension: {...texts, minItems: 1},
    }),
    python_bytecode_magic_number: {type: 'string', pattern: '^[0-9a-f]{8}$'},
    python_symbol_visibility: {const: 'global-default'},
    python_extension_module_loading: {
      type: 'array',
      items: {enum: ['builtin', 'shared-library']},
      uniqueItems: true,
      minItems: 1,
    },
    libpython_link_mode: {enum: ['shared', 'static']},
    crt_features: texts,
    run_tests: file,
    licenses: {...texts, minItems: 1},
    license_path: file,
    build_info: buildInfo,
  },
  {tcl_library_path: folder, tcl_library_paths: texts},
);
