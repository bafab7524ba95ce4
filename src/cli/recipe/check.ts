import parseSpdx from 'spdx-expression-parse';
import {InputError, messageOf, type Diagnostic} from '../../core/errors.js';
import {placeOfText} from '../../data/yaml-file.js';
import type {JsonOption} from '../../builder/options.js';
import type {RecipeReading} from '../../builder/read-recipes.js';
import {openRecipes, selectRecipes} from '../../builder/recipe-edit/open-recipes.js';
import type {Recipe} from '../../recipe/recipe.js';
import {print, printJson} from '../print.js';
import {formatTable} from '../table.js';

/** The options of `ampoule recipe check`, as the command line's parser leaves them. */
export interface CheckOptions extends JsonOption {
  readonly project?: string;
}

/**
 * Reads recipes with all that they name, and prints what they pin.
 * @throws InputError with every mistake.
 */
export async function runRecipeCheck(
  names: readonly string[],
  options: CheckOptions,
): Promise<void> {
  const {recipes} = await openRecipes(options.project);
  const selected = selectRecipes(recipes, names);
  const mistakes = selected.flatMap((reading) => [...reading.mistakes, ...checkLicense(reading)]);
  if (mistakes.length > 0) throw new InputError(mistakes);
  const pins = selected.flatMap(({folder}) => (folder === undefined ? [] : pinsOf(folder.recipe)));
  if (options.json === true) {
    printJson({recipes: pins});
    return;
  }
  const rows = pins.map(({recipe, upstream, debian, isSameFile, isUnverified}) => [
    ...[recipe, upstream, debian ?? 'none'],
    `${isSameFile ? 'the same file' : 'a file each'}${isUnverified ? ', unverified' : ''}`,
  ]);
  print(formatTable(['recipe', 'upstream', 'debian', ''], rows));
}

/** Mistakes that only the list of SPDX shows. */
function checkLicense({folder, text, mistakes}: RecipeReading): readonly Diagnostic[] {
  if (folder === undefined || mistakes.length > 0) return [];
  const {license, file} = folder.recipe;
  try {
    parseSpdx(license.spdx);
    return [];
  } catch (error) {
    const message = `"spdx": expected an SPDX licence expression (spdx.org/licenses), found "${license.spdx}" (${messageOf(error)})`;
    return [{...placeOfText([{text, file}], 'license', license.spdx), message}];
  }
}

/** The versions that a recipe pins; `debian` is missing if no suite has one. */
function pinsOf({name, versions}: Recipe) {
  return versions.map(({upstream, debian}) => ({
    recipe: name,
    upstream: upstream.version,
    ...(debian.notInDebian === undefined && {debian: debian.version}),
    isSameFile: upstream === debian,
    isUnverified: upstream.isUnverified || debian.isUnverified,
  }));
}
