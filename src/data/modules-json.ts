import * as v from 'valibot';
import type {Result} from '../core/errors.js';
import {jsonList as list, parseJsonText} from './json-text.js';

const texts = list(v.string());

/** A library that a module links. */
export type ExpectedLibrary = v.InferOutput<typeof expectedLibrary>;

const expectedLibrary = v.object({
  /** What follows `-l`. */
  name: v.string(),
  /** The recipe that provides it; `null` for the C library. */
  dependency: v.nullable(v.string()),
});

/** A required extension module. */
export type ExpectedModule = v.InferOutput<typeof expectedModule>;

const expectedModule = v.object({
  name: v.string(),
  /** `core`: part of the interpreter itself, without objects of its own. */
  linkage: v.picklist(['core', 'static', 'shared']),
  /** `null` for modules without an init function. */
  initFunction: v.nullable(v.string()),
  /** The interpreter does not link or start without it. */
  required: v.boolean(),
  /** C files relative to the source root; none for core modules. */
  sources: texts,
  /** What makesetup compiles them to, relative to the build directory. */
  objects: texts,
  /** Archives of CPython's own tree, relative to the build directory. */
  archives: texts,
  /** The libraries that `static-modules/` says it is linked with. */
  libraries: list(expectedLibrary),
  /** The recipes that provide the libraries or headers, in code-unit order. */
  dependencies: texts,
});

const modules = list(expectedModule);

/** The expected modules as `modules.json`: two spaces of indentation, fields in a fixed order. */
export function modulesJson(expected: readonly ExpectedModule[]): string {
  return `${JSON.stringify(expected, undefined, 2)}\n`;
}

/** Reads what `modulesJson` wrote. */
export function parseModulesJson(text: string): Result<readonly ExpectedModule[]> {
  return parseJsonText('modules.json', text, modules);
}
