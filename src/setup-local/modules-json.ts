import type {Result} from '../core/errors.js';
import {failure, success} from '../core/errors.js';
import type {ExpectedLibrary, ExpectedModule} from './expected-module.js';

/** The expected modules as JSON with two spaces of indentation and fields in a fixed order. */
export function modulesJson(modules: readonly ExpectedModule[]): string {
  return `${JSON.stringify(modules, undefined, 2)}\n`;
}

/** Reads the output of `modulesJson`. Fails with the number of the first invalid entry. */
export function parseModulesJson(file: string, text: string): Result<readonly ExpectedModule[]> {
  const fail = (message: string) => failure<readonly ExpectedModule[]>([{file, message}]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(value)) return fail('is not a list of modules');
  const entries: readonly unknown[] = value;
  const wrong = entries.findIndex((entry) => !isExpectedModule(entry));
  if (wrong >= 0) return fail(`entry ${wrong} is not an expected module`);
  return success(entries.filter(isExpectedModule));
}

function isExpectedModule(value: unknown): value is ExpectedModule {
  if (typeof value !== 'object' || value === null) return false;
  const module: Partial<Record<keyof ExpectedModule, unknown>> = value;
  return (
    typeof module.name === 'string' &&
    (module.linkage === 'core' || module.linkage === 'static' || module.linkage === 'shared') &&
    (module.initFunction === null || typeof module.initFunction === 'string') &&
    typeof module.required === 'boolean' &&
    isListOf(module.sources, isString) &&
    isListOf(module.objects, isString) &&
    isListOf(module.archives, isString) &&
    isListOf(module.libraries, isExpectedLibrary) &&
    isListOf(module.dependencies, isString)
  );
}

function isExpectedLibrary(value: unknown): value is ExpectedLibrary {
  if (typeof value !== 'object' || value === null) return false;
  const library: Partial<Record<keyof ExpectedLibrary, unknown>> = value;
  return (
    typeof library.name === 'string' &&
    (library.dependency === null || typeof library.dependency === 'string')
  );
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem);
}
