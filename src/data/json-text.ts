import type {ZodType, core} from 'zod';
import {failure, success, type Diagnostic, type Result} from '../core/errors.js';

/**
 * Reads a text as JSON of the form that a schema says. Each mistake names the value that is not of it:
 * `modules.json[3].name: wanted a string, got null`.
 */
export function parseJsonText<T>(name: string, text: string, schema: ZodType<T>): Result<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return failure([{file: name, message: `no JSON: ${(error as Error).message}`}]);
  }
  const checked = schema.safeParse(value);
  if (checked.success) return success(checked.data);
  return failure(checked.error.issues.map((issue) => mistake(name, value, issue)));
}

function mistake(name: string, root: unknown, issue: core.$ZodIssue): Diagnostic {
  let place = name;
  let value = root;
  for (const key of issue.path) {
    place += typeof key === 'number' ? `[${key}]` : `.${String(key)}`;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  const got = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 60);
  return {file: place, message: `wanted ${wanted(issue)}, got ${got}`};
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'a boolean',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a string',
};

function wanted(issue: core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}
