import {isScalar} from 'yaml';
import {compareCodeUnits} from '../core/digest.js';
import type {Diagnostic, Result} from '../core/errors.js';
import {failure, success} from '../core/errors.js';
import {readCondition} from '../data/condition.js';
import {
  anyText,
  itemsOf,
  YamlReader,
  type MapEntry,
  type MapReader,
  type TextForm,
} from '../data/yaml-reader.js';
import type {
  AuditedField,
  LibraryGroup,
  ModuleDefinition,
  ModuleVariant,
} from './module-definition.js';
import {auditedFields, linkages, origins, systemProvider} from './module-definition.js';

/** The text of one file below `static-modules/`. */
export interface DefinitionFile {
  /** As shown to the user, `static-modules/crypto.yaml`. */
  readonly file: string;
  readonly text: string;
}

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
/** Values as in the report of an audit; directories of libraries are absolute. */
const differenceForms: Readonly<Record<AuditedField, TextForm>> = {
  sources: sourceForm,
  defines: {pattern: /^[A-Za-z_]\w*(=.*)?$/, wanted: 'NAME or NAME=value'},
  includes: {pattern: /^[\w./+-]+$/, wanted: 'a directory'},
  libraries: linkForm,
};
const dependencyPattern = /^[a-z0-9][a-z0-9-]*$/;

/** Reads all files of `static-modules/` into definitions in code-unit order, or returns all mistakes. */
export function parseModuleDefinitions(
  files: readonly DefinitionFile[],
): Result<readonly ModuleDefinition[]> {
  const diagnostics: Diagnostic[] = [];
  const definitions = new Map<string, ModuleDefinition>();
  for (const {file, text} of files) {
    const reader = new YamlReader(text, file);
    for (const entry of reader.root()?.entries() ?? []) {
      const earlier = definitions.get(entry.key)?.place;
      if (earlier === undefined) {
        definitions.set(entry.key, readDefinition(reader, entry));
      } else {
        const place = `${earlier.file}:${earlier.line}`;
        reader.report(entry.keyNode, `${entry.key} is already defined at ${place}`);
      }
    }
    diagnostics.push(...reader.diagnostics);
  }
  if (diagnostics.length > 0) return failure(diagnostics);
  return success(
    [...definitions.values()].sort((left, right) => compareCodeUnits(left.name, right.name)),
  );
}

function readDefinition(reader: YamlReader, {key, keyNode, value}: MapEntry): ModuleDefinition {
  reader.text(keyNode, 'a key of the file', moduleForm);
  const nodes = itemsOf(value);
  if (nodes.length === 0) reader.report(value, `"${key}" has no variants`);
  const variants = nodes.flatMap((node) => {
    const map = reader.map(node, `"${key}"`);
    return map === undefined ? [] : [readVariant(map, node)];
  });
  return {name: key, variants, place: reader.placeOf(keyNode)};
}

function readVariant(map: MapReader, node: unknown): ModuleVariant {
  const when = readCondition(map, ['python', 'target', 'options']);
  const origin = map.optionalChoice('origin', origins);
  const linkage = map.optionalChoice('linkage', linkages) ?? 'static';
  const variant: ModuleVariant = {
    when,
    origin: origin ?? (linkage === 'core' ? 'config.c' : 'stdlib'),
    linkage,
    sources: map.has('sources') ? map.texts('sources', sourceForm) : undefined,
    archives: map.texts('archives', archiveForm),
    defines: map.texts('defines', defineForm),
    includes: map.texts('includes', directoryForm),
    libraries: readLibraries(map),
    required: map.optionalBoolean('required') ?? false,
    initFunction: readInit(map),
    reason: map.optionalText('reason', anyText),
    differs: readDiffers(map),
  };
  map.rejectOtherKeys();
  for (const message of contradictions(variant)) {
    map.reader.report(node, `${map.title}: ${message}`);
  }
  return variant;
}

function contradictions(variant: ModuleVariant): readonly string[] {
  const {linkage, origin, reason, sources} = variant;
  const found: string[] = [];
  if ((linkage === 'core') !== (origin === 'config.c')) {
    found.push('linkage core and origin config.c go together');
  }
  if (origin === 'bootstrap' && linkage !== 'static') {
    found.push('a module of Setup.bootstrap can only be static: the interpreter is made with it');
  }
  if (linkage === 'disabled' && (reason ?? '').trim() === '') {
    found.push('a disabled module needs a reason');
  }
  if (linkage !== 'disabled' && reason !== undefined) {
    found.push('reason is for disabled modules; say why in a comment');
  }
  if (origin === 'setup' && linkage !== 'disabled' && sources === undefined) {
    found.push('origin setup has no line to take the sources from: list them');
  }
  if (linkage === 'disabled' && Object.keys(variant.differs).length > 0) {
    found.push('differs is for modules that are built; a disabled one has its reason');
  }
  if (linkage === 'disabled' && variant.required) found.push('a required module is never disabled');
  return found;
}

function readLibraries(variant: MapReader): readonly LibraryGroup[] {
  const entries = variant.map('libraries')?.entries() ?? [];
  return entries.map(({key, keyNode, value}) => {
    if (!dependencyPattern.test(key)) {
      variant.reader.report(keyNode, `"${key}" must be the name of a recipe, or ${systemProvider}`);
    }
    return {
      dependency: key === systemProvider ? undefined : key,
      links: variant.reader.texts(value, `"${key}"`, linkForm),
    };
  });
}

function readDiffers(variant: MapReader): ModuleVariant['differs'] {
  const differs = variant.map('differs');
  if (differs === undefined) return {};
  const found = auditedFields.flatMap((field) => {
    const difference = differs.map(field);
    if (difference === undefined) return [];
    const form = differenceForms[field];
    const upstream = difference.texts('upstream', form);
    const ours = difference.texts('ours', form);
    const reason = difference.text('reason', anyText) ?? '';
    if (upstream.length + ours.length === 0) {
      differs.report(field, `"${field}" must say what only upstream or only ours has`);
    }
    difference.rejectOtherKeys();
    return [[field, {upstream, ours, reason}] as const];
  });
  differs.rejectOtherKeys();
  return Object.fromEntries(found);
}

function readInit(variant: MapReader): string | null | undefined {
  const node = variant.take('init');
  if (isScalar(node) && node.value === null) return null;
  return variant.optionalText('init', initForm);
}
