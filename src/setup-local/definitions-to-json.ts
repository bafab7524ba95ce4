import type {JsonValue} from '../core/digest.js';
import {systemProvider, type ModuleDefinition, type ModuleVariant} from './module-definition.js';

/**
 * The definitions as JSON for a stage's parameters: everything that a build depends on, so no positions, comments or
 * `differs`; defaults are omitted. It parses back to the same definitions without those.
 */
export function definitionsToJson(definitions: readonly ModuleDefinition[]): JsonValue {
  return Object.fromEntries(definitions.map(({name, variants}) => [name, variants.map(toJson)]));
}

function toJson(variant: ModuleVariant): JsonValue {
  const {when, origin, linkage, sources, libraries, initFunction, reason} = variant;
  return {
    ...(Object.keys(when).length > 0 && {when: {...when}}),
    origin,
    linkage,
    ...(sources !== undefined && {sources}),
    ...unlessEmpty('archives', variant.archives),
    ...unlessEmpty('defines', variant.defines),
    ...unlessEmpty('includes', variant.includes),
    ...(libraries.length > 0 && {
      libraries: Object.fromEntries(
        libraries.map(({dependency, links}) => [dependency ?? systemProvider, links]),
      ),
    }),
    ...(variant.required && {required: true}),
    ...(initFunction !== undefined && {init: initFunction}),
    ...(reason !== undefined && {reason}),
  };
}

function unlessEmpty(key: string, values: readonly string[]): Record<string, readonly string[]> {
  return values.length > 0 ? {[key]: values} : {};
}
