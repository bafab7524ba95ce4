import * as v from 'valibot';
import {success, type Result} from '../core/errors.js';
import {conditionalList, conditionalTexts} from '../data/conditional-schema.js';
import {
  check,
  checkShape,
  describe,
  list,
  map,
  optional,
  parsed,
  sha256,
  text,
  type Schema,
  type TextForm,
} from '../data/schema.js';
import {parseYamlLayers} from '../data/yaml-file.js';
import type {TextFile} from '../data/yaml-layers.js';
import {buildSchema} from './build-schema.js';
import {relativePathForm, sourceEntries} from './pin-schema.js';
import {readPins, reportClashes, type PinnedKeys} from './read-pins.js';
import type {License, Recipe, RecipeBuild} from './recipe.js';

/** The form of a recipe's name. */
export const nameForm: TextForm = {
  pattern: /^[a-z0-9][a-z0-9.+-]*$/,
  wanted: 'a name of lower-case letters, digits, ".", "+" and "-"',
};
const spdxForm: TextForm = {
  pattern: /^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$/,
  wanted: 'an SPDX licence expression',
};

/** A recipe as written. */
type WrittenRecipe = PinnedKeys &
  Omit<Recipe, 'file' | 'pins' | 'versions' | 'build'> & {readonly build?: RecipeBuild | undefined};

const license = v.pipe(
  map({
    spdx: describe(text(spdxForm), 'The terms of what is linked, as an SPDX licence expression.'),
    files: describe(
      conditionalTexts('file', relativePathForm),
      'Licence texts among the files of the source.',
    ),
    texts: describe(
      conditionalList(
        'text',
        map({
          file: describe(
            text({pattern: /^[\w.+-]+$/, wanted: 'a file name'}),
            'A file below licenses/<name>/.',
          ),
          sha256: describe(sha256(), 'The sha256 of the text.'),
        }),
      ),
      'Licence texts that the source does not have.',
    ),
  }),
  check(({files, texts}: License, report) => {
    if (files.length + texts.length > 0) return;
    report('"license" names no text: list "files" of the source, or "texts"', {value: ['files']});
  }),
);

const recipeKeys: Schema<WrittenRecipe> = v.pipe(
  map({
    name: describe(text(nameForm), 'The name of the folder, which the stage is named after.'),
    ...sourceEntries,
    license: describe(license, 'The licence of what is linked, and where its texts are.'),
    depends: describe(conditionalTexts('name', nameForm), 'Recipes whose artifacts make up /deps.'),
    provides: describe(
      optional(
        map({
          static: describe(
            optional(
              list(text({pattern: /^[A-Za-z0-9_.+-]+$/, wanted: 'a name that follows -l'})),
              [],
            ),
            'Static libraries: z stands for lib/libz.a.',
          ),
        }),
        {static: []},
      ),
      'What the artifact has for the linker.',
    ),
    patches: describe(
      conditionalTexts('file', {
        pattern: /^\d{4}-[a-z0-9.-]+\.patch$/,
        wanted: 'a patch file named NNNN-why.patch',
      }),
      'Patch files beside the recipe, in the order they are applied.',
    ),
    build: describe(
      v.optional(buildSchema),
      'How the source becomes an installed tree. Left out when its stage has a script of its own.',
    ),
    test: describe(
      conditionalTexts('run'),
      'Shell lines that try what was built, which lies in /deps, and fail if it is broken. They run in a sandbox of their own, with the compiler and the flags of the build.',
    ),
  }),
  checkShape(reportClashes),
);

/** The schema of a recipe. */
export const recipeSchema = v.pipe(
  recipeKeys,
  parsed((written: WrittenRecipe, report): Omit<Recipe, 'file'> | undefined => {
    const {name, license, depends, provides, patches, build, test} = written;
    const versions = readPins(written, report);
    const [pins] = versions;
    if (pins === undefined) return undefined;
    const isLibrary = build !== undefined && build.system !== 'hooks';
    if (test.length > 0 && !isLibrary) {
      const message =
        '"test" is for libraries: expected a "build" of the system autotools or script';
      report(message, {value: ['test']});
      return undefined;
    }
    return {name, pins, versions, license, depends, provides, patches, build, test};
  }),
);

/**
 * Reads a recipe, and what overlays change of it. Returns all mistakes at once, with positions in their files. Does not check
 * whether the named patches and licence texts exist.
 */
export function parseRecipe(
  text: string,
  file: string,
  overlays: readonly TextFile[] = [],
): Result<Recipe> {
  const recipe = parseYamlLayers(recipeSchema, [{text, file}, ...overlays], ['version']);
  return recipe.ok ? success({...recipe.value, file}) : recipe;
}
