import {isScalar, isSeq} from 'yaml';
import type {ParsedNode} from 'yaml';

import {compareCodeUnits} from '../core/digest.js';
import type {Diagnostic, Result} from '../core/errors.js';
import {failure, success} from '../core/errors.js';
import type {ModuleCondition} from './condition.js';
import {isVersionRange} from './condition.js';
import type {LibraryGroup, ModuleDefinition, ModuleVariant} from './module-definition.js';
import {linkages, origins, systemProvider} from './module-definition.js';
import type {YamlEntry} from './yaml-checker.js';
import {YamlChecker} from './yaml-checker.js';

/** The text of one file below `static-modules/`. */
export interface DefinitionFile {
  /** As shown to the user, `static-modules/crypto.yaml`. */
  readonly file: string;
  readonly text: string;
}

const moduleName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const sourceFile = /^[A-Za-z0-9_][A-Za-z0-9_./-]*\.c$/;
const archiveFile = /^[A-Za-z0-9_][A-Za-z0-9_./-]*\.a$/;
const define = /^[A-Za-z_][A-Za-z0-9_]*(=[A-Za-z0-9_]+)?$/;
const directory = /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/;
const linkName = /^[A-Za-z0-9_:][A-Za-z0-9_.+:-]*$/;
const dependencyName = /^[a-z0-9][a-z0-9-]*$/;
const targetPattern = /^[a-z0-9_*-]{1,100}$/;
const optionPart = /^!?[a-z]+$/;
const keys =
  'when, origin, linkage, sources, archives, defines, includes, libraries, required, init, reason';

/** Reads all files of `static-modules/` into definitions in code-unit order, or says every mistake in them. */
export function parseModuleDefinitions(
  files: readonly DefinitionFile[],
): Result<readonly ModuleDefinition[]> {
  const diagnostics: Diagnostic[] = [];
  const definitions = new Map<string, ModuleDefinition>();
  for (const {file, text} of files) {
    const yaml = new YamlChecker(file, text);
    const entries = yaml.root === undefined ? [] : (yaml.entries(yaml.root, 'the file') ?? []);
    for (const entry of entries) {
      const earlier = definitions.get(entry.key);
      if (earlier !== undefined) {
        const {file: otherFile, line} = earlier.place;
        yaml.report(entry.keyNode, `${entry.key} is already defined at ${otherFile}:${line}`);
        continue;
      }
      definitions.set(entry.key, parseDefinition(yaml, entry));
    }
    diagnostics.push(...yaml.diagnostics);
  }
  if (diagnostics.length > 0) return failure(diagnostics);
  return success(
    [...definitions.values()].sort((left, right) => compareCodeUnits(left.name, right.name)),
  );
}

function parseDefinition(yaml: YamlChecker, {key, keyNode, value}: YamlEntry): ModuleDefinition {
  if (!moduleName.test(key)) {
    yaml.report(keyNode, `${JSON.stringify(key)} is not a module name: ${moduleName.source}`);
  }
  const nodes = isSeq(value) ? value.items : [value];
  if (nodes.length === 0) yaml.report(value, `${key} has no variants`);
  const variants = nodes.map((node) => parseVariant(yaml, key, node));
  return {name: key, variants, place: yaml.placeOf(keyNode)};
}

function parseVariant(yaml: YamlChecker, name: string, node: ParsedNode): ModuleVariant {
  const fields = new Map<string, ParsedNode>();
  const unknown = (yaml.entries(node, name) ?? []).filter(({key, value}) => {
    fields.set(key, value);
    return !keys.split(', ').includes(key);
  });
  for (const {key, keyNode} of unknown) {
    yaml.report(keyNode, `${name}: unknown key ${JSON.stringify(key)}, wanted one of: ${keys}`);
  }
  const read = <T>(key: string, parse: (field: ParsedNode, what: string) => T): T | undefined => {
    const field = fields.get(key);
    return field === undefined ? undefined : parse(field, `${name}.${key}`);
  };
  const list = (key: string, pattern: RegExp): readonly string[] | undefined =>
    read(key, (field, what) => yaml.strings(field, what, pattern));

  const linkage = read('linkage', (field, what) => yaml.oneOf(field, what, linkages)) ?? 'static';
  const variant: ModuleVariant = {
    when: read('when', (field, what) => parseCondition(yaml, field, what)) ?? {},
    linkage,
    origin:
      read('origin', (field, what) => yaml.oneOf(field, what, origins)) ??
      (linkage === 'core' ? 'config.c' : 'stdlib'),
    sources: list('sources', sourceFile),
    archives: list('archives', archiveFile) ?? [],
    defines: list('defines', define) ?? [],
    includes: list('includes', directory) ?? [],
    libraries: read('libraries', (field, what) => parseLibraries(yaml, field, what)) ?? [],
    required: read('required', (field, what) => yaml.boolean(field, what)) ?? false,
    initFunction: read('init', (field, what) => parseInit(yaml, field, what)),
    reason: read('reason', (field, what) => yaml.string(field, what)),
  };
  for (const message of contradictions(variant)) yaml.report(node, `${name}: ${message}`);
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
  if (linkage === 'disabled' && variant.required) found.push('a required module is never disabled');
  return found;
}

function parseCondition(yaml: YamlChecker, node: ParsedNode, what: string): ModuleCondition {
  const condition: {python?: string; target?: readonly string[]; options?: readonly string[]} = {};
  for (const {key, keyNode, value} of yaml.entries(node, what) ?? []) {
    if (key === 'python') {
      const range = yaml.string(value, `${what}.python`);
      if (range === undefined) continue;
      if (!isVersionRange(range)) {
        yaml.report(value, `${what}.python: ${JSON.stringify(range)} is not a version range`);
      }
      condition.python = range;
    } else if (key === 'target') {
      condition.target = yaml.strings(value, `${what}.target`, targetPattern);
    } else if (key === 'options') {
      condition.options = yaml.strings(value, `${what}.options`, optionPart);
    } else {
      yaml.report(
        keyNode,
        `${what}: unknown key ${JSON.stringify(key)}, wanted one of: python, target, options`,
      );
    }
  }
  return condition;
}

function parseLibraries(
  yaml: YamlChecker,
  node: ParsedNode,
  what: string,
): readonly LibraryGroup[] {
  return (yaml.entries(node, what) ?? []).map(({key, keyNode, value}) => {
    if (!dependencyName.test(key)) {
      yaml.report(keyNode, `${what}: ${JSON.stringify(key)} is not the name of a recipe`);
    }
    return {
      dependency: key === systemProvider ? undefined : key,
      links: yaml.strings(value, `${what}.${key}`, linkName),
    };
  });
}

function parseInit(yaml: YamlChecker, node: ParsedNode, what: string): string | null | undefined {
  if (isScalar(node) && node.value === null) return null;
  const text = yaml.string(node, what);
  if (text !== undefined && !moduleName.test(text)) {
    yaml.report(node, `${what}: ${JSON.stringify(text)} is not the name of a C function`);
  }
  return text;
}
