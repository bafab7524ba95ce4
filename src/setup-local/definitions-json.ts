import * as v from 'valibot';
import {asJson} from '../data/json-text.js';
import type {ModuleDefinition} from './module-definition.js';
import {moduleDefinitionsSchema} from './parse-definitions.js';

/** The definitions of extension modules as a stage carries them: one file's data, without its places. */
export const definitionsJson = v.pipe(
  asJson(moduleDefinitionsSchema),
  v.transform((modules): readonly ModuleDefinition[] =>
    Object.entries(modules).map(([name, variants]) => ({
      name,
      variants,
      place: {file: 'static-modules'},
    })),
  ),
);
