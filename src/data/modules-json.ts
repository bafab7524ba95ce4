import * as z from 'zod';
import type {Result} from '../core/errors.js';
import {parseJsonText} from './json-text.js';

const texts = z.array(z.string()).readonly();

/** A library that a module is linked with. */
export type ExpectedLibrary = z.infer<typeof expectedLibrary>;

const expectedLibrary = z.object({
  /** What follows `-l`. */
  name: z.string(),
  /** The recipe that provides it; `null`: the C library's own. */
  dependency: z.string().nullable(),
});

/** An extension module that must exist after the build. */
export type ExpectedModule = z.infer<typeof expectedModule>;

const expectedModule = z.object({
  name: z.string(),
  /** `core`: part of the interpreter itself, it has no objects of its own. */
  linkage: z.enum(['core', 'static', 'shared']),
  /** `null` for modules that the interpreter makes by itself. */
  initFunction: z.string().nullable(),
  /** The interpreter does not link, or does not start, without it. */
  required: z.boolean(),
  /** C files relative to the source root; none for core modules. */
  sources: texts,
  /** What makesetup compiles them to, relative to the build directory. */
  objects: texts,
  /** Archives of CPython's own tree, relative to the build directory. */
  archives: texts,
  /** The libraries that `static-modules/` says it is linked with. */
  libraries: z.array(expectedLibrary).readonly(),
  /** The recipes that provide the libraries or headers, in code-unit order. */
  dependencies: texts,
});

const modules = z.array(expectedModule).readonly();

/** The expected modules as `modules.json`: two spaces of indentation, fields in a fixed order. */
export function modulesJson(expected: readonly ExpectedModule[]): string {
  return `${JSON.stringify(expected, undefined, 2)}\n`;
}

/** Reads what `modulesJson` wrote. */
export function parseModulesJson(text: string): Result<readonly ExpectedModule[]> {
  return parseJsonText('modules.json', text, modules);
}
