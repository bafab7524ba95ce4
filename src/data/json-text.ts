import * as v from 'valibot';
import type {JsonValue} from '../core/digest.js';
import {failure, success, type Diagnostic, type Result} from '../core/errors.js';

/** A list of JSON; unlike that of a data file, a single value is none. */
export function jsonList<const Item extends v.GenericSchema>(item: Item) {
  return v.pipe(v.array(item), v.readonly());
}

/** The schema of a data file, for its data as JSON: what a file may hold is all JSON. */
export function asJson<T>(schema: v.GenericSchema<unknown, T>): v.GenericSchema<JsonValue, T> {
  return schema as v.GenericSchema<JsonValue, T>;
}

/**
 * Reads a text as JSON of the form that a schema says. Each mistake names the value that is not of it:
 * `modules.json[3].name: expected a string, found null`.
 */
export function parseJsonText<T>(
  name: string,
  text: string,
  schema: v.GenericSchema<unknown, T>,
): Result<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return failure([{file: name, message: `no JSON: ${(error as Error).message}`}]);
  }
  const checked = v.safeParse(schema, value);
  if (checked.success) return success(checked.output);
  return failure(checked.issues.map((issue) => mistake(name, issue)));
}

function mistake(name: string, issue: v.BaseIssue<unknown>): Diagnostic {
  const steps = (issue.path ?? []).map(({key}) =>
    typeof key === 'number' ? `[${key}]` : `.${String(key)}`,
  );
  // Of a key that is not there, the issue is the map's.
  const isAbsent = issue.received === 'undefined';
  const got = isAbsent ? 'nothing' : JSON.stringify(issue.input).slice(0, 60);
  const wanted = isAbsent ? 'a value' : (kinds[issue.type] ?? issue.expected ?? issue.message);
  return {file: [name, ...steps].join(''), message: `expected ${wanted}, found ${got}`};
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'a boolean',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a string',
};
