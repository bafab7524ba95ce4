import {toJsonSchema, type JsonSchema} from '@valibot/to-json-schema';
import type {Schema} from '../../src/data/schema.js';

/** The JSON Schema of a data file, as the text of a file that editors read. */
export function jsonSchemaOf(title: string, schema: Schema<unknown>): string {
  const {$schema, ...keywords} = toJsonSchema(schema, {
    target: 'draft-07',
    // JSON Schema cannot say what checks and transformations do.
    errorMode: 'ignore',
    overrideAction: ({valibotAction, jsonSchema}) =>
      valibotAction.type === 'metadata' ? withErrorMessage(jsonSchema) : undefined,
    overrideSchema: ({jsonSchema}) => withoutEmptyDefault(jsonSchema),
  });
  return `${JSON.stringify({$schema, title, ...keywords}, undefined, 2)}\n`;
}

/** Makes of `wanted` what editors show where a text, a number or a word is not as wanted. */
function withErrorMessage(jsonSchema: JsonSchema): JsonSchema {
  const {wanted, ...keywords} = jsonSchema as JsonSchema & {readonly wanted?: unknown};
  const isScalar = ['string', 'boolean', 'integer', 'number'].includes(String(keywords.type));
  if (typeof wanted !== 'string' || !isScalar) return keywords;
  return Object.assign(keywords, {errorMessage: `must be ${wanted}`});
}

/** Editors would write an empty list or map for every key that may be left out. */
function withoutEmptyDefault(jsonSchema: JsonSchema): JsonSchema {
  const {default: usual, ...keywords} = jsonSchema;
  return typeof usual === 'object' ? keywords : jsonSchema;
}
