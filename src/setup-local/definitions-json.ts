import * as z from 'zod';
import {linkages, origins, systemProvider, type ModuleDefinition} from './module-definition.js';
import {sourceSets} from '../core/target.js';

const texts = z.array(z.string()).readonly();

const condition = z.object({
  python: z.string().exactOptional(),
  target: texts.exactOptional(),
  sources: z.array(z.enum(sourceSets)).readonly().exactOptional(),
  options: texts.exactOptional(),
});

const variant = z
  .object({
    when: condition.exactOptional(),
    origin: z.enum(origins),
    linkage: z.enum(linkages),
    sources: texts.exactOptional(),
    archives: texts.exactOptional(),
    defines: texts.exactOptional(),
    includes: texts.exactOptional(),
    libraries: z.record(z.string(), texts).exactOptional(),
    required: z.boolean().exactOptional(),
    init: z.string().nullable().exactOptional(),
    reason: z.string().exactOptional(),
  })
  .transform(({when = {}, libraries = {}, init, ...rest}) => ({
    when,
    origin: rest.origin,
    linkage: rest.linkage,
    sources: rest.sources,
    archives: rest.archives ?? [],
    defines: rest.defines ?? [],
    includes: rest.includes ?? [],
    libraries: Object.entries(libraries).map(([provider, links]) => ({
      dependency: provider === systemProvider ? undefined : provider,
      links,
    })),
    required: rest.required ?? false,
    initFunction: init,
    reason: rest.reason,
    differs: {},
  }));

/** The definitions of extension modules as a stage carries them: what `definitionsToJson` makes of the model. */
export const definitionsJson = z
  .record(z.string(), z.array(variant).readonly())
  .transform((modules): readonly ModuleDefinition[] =>
    Object.entries(modules).map(([name, variants]) => ({
      name,
      variants,
      place: {file: 'static-modules'},
    })),
  );

/** These definitions as JSON: the variants by the module's name. */
export type DefinitionsJson = z.input<typeof definitionsJson>;
