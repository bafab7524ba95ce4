import * as v from 'valibot';
import type {JsonValue} from '../core/digest.js';
import type {ModuleDefinition} from './module-definition.js';
import {moduleDefinitionsSchema} from './parse-definitions.js';

type Definitions = v.InferOutput<typeof moduleDefinitionsSchema>;

/** The definitions of extension modules as a stage carries them: one file's data, without its places. */
export const definitionsJson = v.pipe(
  moduleDefinitionsSchema as v.GenericSchema<JsonValue, Definitions>,
  v.transform((modules): readonly ModuleDefinition[] =>
    Object.entries(modules).map(([name, variants]) => ({
      name,
      variants,
      place: {file: 'static-modules'},
    })),
  ),
);
