import {toJsonSchema, type JsonSchema} from '@valibot/to-json-schema';
import {format, resolveConfig} from 'prettier';
import {anyCondition, sourcelessCondition} from '../../src/data/condition-schema.js';
import type {Schema} from '../../src/data/schema.js';

/** The JSON Schema of a data file, as the text of `file`, which editors read. */
export async function jsonSchemaText(
  file: string,
  title: string,
  schema: Schema<unknown>,
): Promise<string> {
  const {$schema, ...keywords} = toJsonSchema(schema, {
    target: 'draft-07',
    definitions: {condition: anyCondition, 'condition-without-sources': sourcelessCondition},
    // JSON Schema cannot say what checks and transformations do.
    errorMode: 'ignore',
    overrideAction: ({valibotAction, jsonSchema}) => {
      if (valibotAction.type === 'metadata') return withErrorMessage(jsonSchema);
      return valibotAction.type === 'non_empty' ? withItems(jsonSchema) : undefined;
    },
    overrideSchema: ({valibotSchema, jsonSchema}) => withDefault(jsonSchema, valibotSchema),
  });
  const {$defs = {}, ...others} = keywords;
  const used = Object.entries($defs).filter(([name]) =>
    JSON.stringify(others).includes(`"#/$defs/${name}"`),
  );
  const shared = used.length > 0 && {$defs: Object.fromEntries(used)};
  const text = JSON.stringify({$schema, title, ...others, ...shared});
  return format(text, {...(await resolveConfig(file)), filepath: file});
}

/** Makes of `wanted` what editors show where a text, a number or a word is not as wanted. */
function withErrorMessage(jsonSchema: JsonSchema): JsonSchema {
  const {wanted, ...keywords} = jsonSchema as JsonSchema & {readonly wanted?: unknown};
  const isScalar = ['string', 'boolean', 'integer', 'number'].includes(String(keywords.type));
  if (typeof wanted !== 'string' || !isScalar) return keywords;
  return Object.assign(keywords, {errorMessage: `must be ${wanted}`});
}

/** A list that is not empty; one value alone counts as a list of one. */
function withItems(jsonSchema: JsonSchema): JsonSchema {
  const {anyOf = [], ...keywords} = jsonSchema;
  delete keywords.minLength;
  const options = anyOf.map((option) =>
    typeof option === 'object' && option.type === 'array' ? {...option, minItems: 1} : option,
  );
  return {anyOf: options, ...keywords};
}

/** Adds what `optional` says, but for lists and maps: editors would write the empty one. */
function withDefault({required, ...keywords}: JsonSchema, schema: object): JsonSchema {
  const usual = 'fallback' in schema ? schema.fallback : undefined;
  return {
    ...keywords,
    ...(required !== undefined && required.length > 0 && {required}),
    ...((typeof usual === 'string' || typeof usual === 'boolean') && {default: usual}),
  };
}
