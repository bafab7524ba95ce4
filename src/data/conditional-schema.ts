import * as v from 'valibot';
import {when} from './condition-schema.js';
import type {Conditional} from './condition.js';
import {choose, isMap, list, map, optional, text, type Schema, type TextForm} from './schema.js';

/**
 * The schema of a list whose entries are values, or maps of `noun` (a value or a list of them) and `when`. The key is
 * optional; without it the list is empty.
 */
export function conditionalList<T>(
  noun: string,
  value: Schema<T>,
): Schema<readonly Conditional<T>[]> {
  return optional(requiredConditionalList(noun, value), []);
}

/** Like `conditionalList`, for a required key. */
export function requiredConditionalList<T>(
  noun: string,
  value: Schema<T>,
  wanted?: string,
): Schema<readonly Conditional<T>[]> {
  const always = v.pipe(
    value,
    v.transform((single): Conditional<T> => ({when: {}, values: [single]})),
  );
  const limited = v.pipe(
    map({[noun]: list(value), when: when()}),
    v.transform((entry): Conditional<T> => {
      const {[noun]: values, when} = entry as Readonly<Record<string, unknown>>;
      return {when, values} as Conditional<T>;
    }),
  );
  const isLimited = (input: unknown): boolean => isMap(input) && (noun in input || 'when' in input);
  return v.pipe(
    list(
      choose([always, limited], (input) => (isLimited(input) ? limited : always)),
      wanted,
    ),
    v.transform((entries) => entries.filter(({values}) => values.length > 0)),
  );
}

/** The schema of a list of texts, each with or without a condition. */
export function conditionalTexts(
  noun: string,
  form?: TextForm,
): Schema<readonly Conditional<string>[]> {
  return conditionalList(noun, text(form));
}
