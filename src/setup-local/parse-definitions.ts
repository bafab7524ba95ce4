import * as v from 'valibot';
import {compareCodeUnits} from '../core/digest.js';
import type {Diagnostic, Result} from '../core/errors.js';
import {failure, success} from '../core/errors.js';
import {sourcelessCondition, when} from '../data/condition-schema.js';
import {
  check,
  choice,
  describe,
  flag,
  list,
  map,
  optional,
  record,
  text,
  type Report,
  type TextForm,
} from '../data/schema.js';
import {YamlFile, type Place} from '../data/yaml-file.js';
import type {TextFile} from '../data/yaml-layers.js';
import type {ModuleDefinition, ModuleVariant} from './module-definition.js';
import {linkages, origins, systemProvider} from './module-definition.js';

const moduleForm: TextForm = {
  pattern: /^[A-Za-z_][A-Za-z0-9_]*$/,
  wanted: 'the name of a module: letters, digits and "_"',
};
const initForm: TextForm = {...moduleForm, wanted: 'the name of a C function, or null for none'};
const sourceForm: TextForm = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_./-]*\.c$/,
  wanted: 'a C file, relative to Modules/',
};
const archiveForm: TextForm = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_./-]*\.a$/,
  wanted: 'an archive (.a), relative to the build directory',
};
const defineForm: TextForm = {
  pattern: /^[A-Za-z_][A-Za-z0-9_]*(=[A-Za-z0-9_]+)?$/,
  wanted: 'NAME or NAME=value, the value of letters, digits and "_"',
};
const directoryForm: TextForm = {
  pattern: /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/,
  wanted: 'a directory, relative to the source root',
};
const linkForm: TextForm = {
  pattern: /^[A-Za-z0-9_:][A-Za-z0-9_.+:-]*$/,
  wanted: 'a name that follows -l',
};
const providerForm: TextForm = {
  pattern: /^[a-z0-9][a-z0-9-]*$/,
  wanted: `the name of a recipe, or ${systemProvider}`,
};

const libraries = v.pipe(
  record(text(providerForm), list(text(linkForm)), 'a map from recipe to names that follow -l'),
  v.transform((groups) =>
    Object.entries(groups).map(([provider, links]) => ({
      dependency: provider === systemProvider ? undefined : provider,
      links,
    })),
  ),
);

const variant = v.pipe(
  map({
    when: when(sourcelessCondition),
    origin: describe(
      v.optional(choice(origins)),
      "Where CPython's source names the module. Default: stdlib, or config.c for linkage core.",
    ),
    linkage: describe(
      optional(choice(linkages), 'static'),
      'How the module reaches the interpreter. Default: static.',
    ),
    sources: describe(
      v.optional(list(text(sourceForm))),
      "C files relative to Modules/, the same as upstream's. Default: those of upstream's line.",
    ),
    archives: describe(
      optional(list(text(archiveForm)), []),
      'Archives of the source tree, relative to the build directory, that are linked with the module.',
    ),
    defines: describe(
      optional(list(text(defineForm)), []),
      'NAME or NAME=value, added to what configure found.',
    ),
    includes: describe(
      optional(list(text(directoryForm)), []),
      'Directories relative to the source root, added to what configure found.',
    ),
    libraries: describe(
      optional(libraries, []),
      'Libraries to link, by the recipe that provides them; "system" stands for the C library.',
    ),
    required: describe(
      optional(flag(), false),
      'Whether the interpreter does not link or start without the module. Default: false.',
    ),
    init: describe(
      v.optional(v.nullable(text(initForm))),
      'The C function that initialises the module; null if it has none. Default: PyInit_<name>.',
    ),
    reason: describe(v.optional(text()), 'Why the module is disabled.'),
    differs: describe(
      optional(
        map({
          sources: difference(sourceForm),
          defines: difference({pattern: /^[A-Za-z_]\w*(=.*)?$/, wanted: 'NAME or NAME=value'}),
          // Those of libraries are absolute.
          includes: difference({pattern: /^[\w./+-]+$/, wanted: 'a directory'}),
          libraries: difference(linkForm),
        }),
        {},
      ),
      "Intended differences from upstream's own build, which the audit accepts.",
    ),
  }),
  v.transform(({init, origin, linkage, sources, reason, ...others}): ModuleVariant => ({
    ...others,
    origin: origin ?? (linkage === 'core' ? 'config.c' : 'stdlib'),
    linkage,
    sources,
    initFunction: init,
    reason,
  })),
  check(reportContradictions),
);

/** The schema of a file below `static-modules/`. */
export const moduleDefinitionsSchema = record(
  text(moduleForm),
  v.pipe(list(variant), v.nonEmpty('{title} has no variants')),
);

/**
 * Reads all files of `static-modules/` into definitions in code-unit order, or returns all mistakes. A definition of a later
 * layer takes the place of an earlier one's.
 */
export function parseModuleDefinitions(
  ...layers: readonly (readonly TextFile[])[]
): Result<readonly ModuleDefinition[]> {
  const diagnostics: Diagnostic[] = [];
  const definitions = new Map<string, ModuleDefinition>();
  for (const files of layers) {
    const own = parseLayer(files, diagnostics);
    for (const definition of own) definitions.set(definition.name, definition);
  }
  if (diagnostics.length > 0) return failure(diagnostics);
  return success(
    [...definitions.values()].sort((left, right) => compareCodeUnits(left.name, right.name)),
  );
}

/** The definitions of one layer, each name once. */
function parseLayer(
  files: readonly TextFile[],
  diagnostics: Diagnostic[],
): readonly ModuleDefinition[] {
  const places = new Map<string, Place>();
  return files.flatMap((file) => {
    const yaml = new YamlFile([file]);
    const definitions = Object.entries(yaml.read(moduleDefinitionsSchema) ?? {}).flatMap(
      ([name, variants]) => {
        const earlier = places.get(name);
        const place = yaml.placeOfKey([name]);
        if (earlier === undefined) {
          places.set(name, place);
          return [{name, variants, place}];
        }
        yaml.reportKey([name], `${name} is already defined at ${earlier.file}:${earlier.line}`);
        return [];
      },
    );
    diagnostics.push(...yaml.diagnostics);
    return definitions;
  });
}

/** The schema of an intended difference in one field. */
function difference(form: TextForm) {
  const fields = map({
    upstream: describe(optional(list(text(form)), []), 'What only upstream has.'),
    ours: describe(optional(list(text(form)), []), 'What only our build has.'),
    reason: describe(text(), 'Why they differ.'),
  });
  type Fields = v.InferOutput<typeof fields>;
  return v.exactOptional(
    v.pipe(
      fields,
      check(({upstream, ours}: Fields, report) => {
        if (upstream.length + ours.length > 0) return;
        report('{title} must say what only upstream or only ours has');
      }),
    ),
  );
}

function reportContradictions(variant: ModuleVariant, report: Report): void {
  const {linkage, origin, reason, sources} = variant;
  if ((linkage === 'core') !== (origin === 'config.c')) {
    report('{title}: linkage core and origin config.c go together');
  }
  if (origin === 'bootstrap' && linkage !== 'static') {
    report(
      '{title}: a module of Setup.bootstrap can only be static: the interpreter is made with it',
    );
  }
  if (linkage === 'disabled' && (reason ?? '').trim() === '') {
    report('{title}: a disabled module needs a reason');
  }
  if (linkage !== 'disabled' && reason !== undefined) {
    report('{title}: reason is for disabled modules; say why in a comment');
  }
  if (origin === 'setup' && linkage !== 'disabled' && sources === undefined) {
    report('{title}: origin setup has no line to take the sources from: list them');
  }
  if (linkage === 'disabled' && Object.keys(variant.differs).length > 0) {
    report('{title}: differs is for modules that are built; a disabled one has its reason');
  }
  if (linkage === 'disabled' && variant.required)
    report('{title}: a required module is never disabled');
}
