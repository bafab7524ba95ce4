import path from 'node:path';
import {failure, type Diagnostic, type Result} from '../core/errors.js';
import {placeOfText, placesOfText} from '../data/yaml-file.js';
import type {TextFile} from '../data/yaml-layers.js';
import {parseRecipe} from '../recipe/parse-recipe.js';
import {parsePatch, type PatchSections} from '../recipe/patch-sections.js';
import type {Recipe} from '../recipe/recipe.js';
import type {RecipeFolder} from '../stages/project.js';
import {checkCycles, checkNames, type ReadRecipe} from './check-recipes.js';
import {readTexts, type ProjectFiles} from './project-files.js';

/** What stands in a new recipe where a person must decide; a recipe that still has one is not valid. */
export const toDo = 'TODO';

/** A folder of `recipes/`, and every mistake in it. */
export interface RecipeReading {
  /** The name of the folder. */
  readonly name: string;
  /** The text of recipe.yaml, in the project's own folder if it is there. */
  readonly text: string;
  /** `undefined` if recipe.yaml has mistakes of its own. */
  readonly folder: RecipeFolder | undefined;
  readonly mistakes: readonly Diagnostic[];
}

/** The file of a recipe, as messages name it. */
export function recipeFile(name: string): string {
  return `recipes/${name}/recipe.yaml`;
}

/** Reads and checks all recipes of a project, in a fixed order, with the files and the other recipes that they name. */
export async function readRecipes(
  files: ProjectFiles,
  licenseTexts: Readonly<Record<string, string>>,
): Promise<readonly RecipeReading[]> {
  const names = await recipeNames(files);
  const folders: (RecipeReading & {readonly read: ReadRecipe | undefined})[] = [];
  for (const name of names) folders.push(await readFolder(files, name));
  const cycles = checkCycles(folders.flatMap(({read}) => read ?? []));
  return folders.map(({read, mistakes, ...reading}) => ({
    ...reading,
    mistakes: [
      ...mistakes,
      ...(read === undefined ? [] : checkNames(read, names, licenseTexts)),
      ...cycles.filter(({file}) => read?.layers.some((layer) => layer.file === file)),
    ],
  }));
}

/** The names of a project's recipes in a fixed order. */
export async function recipeNames(files: ProjectFiles): Promise<readonly string[]> {
  return (await files.below('recipes'))
    .filter((file) => path.basename(file) === 'recipe.yaml')
    .map((file) => path.relative('recipes', path.dirname(file)));
}

async function readFolder(
  files: ProjectFiles,
  name: string,
): Promise<RecipeReading & {readonly read: ReadRecipe | undefined}> {
  const beside = await readTexts(files, `recipes/${name}`);
  const layers = await files.layersOf(recipeFile(name));
  const [{text, file} = {text: '', file: recipeFile(name)}, ...overlays] = layers;
  const mistakes: Diagnostic[] = layers.flatMap((layer) =>
    placesOfText(layer, toDo).map((place) => ({
      ...place,
      message: `${toDo}: still to be written; the comment above says what`,
    })),
  );
  const take = <T>(result: Result<T>): T | undefined => {
    if (result.ok) return result.value;
    const isKnown = ({file: where, line, column}: Diagnostic): boolean =>
      mistakes.some(
        (known) => known.file === where && known.line === line && known.column === column,
      );
    mistakes.push(...result.diagnostics.filter((mistake) => !isKnown(mistake)));
    return undefined;
  };
  const recipe = take(checkName(parseRecipe(text, file, overlays), name, layers));
  const patches = new Map<string, PatchSections>();
  const scripts: Record<string, string> = {};
  for (const [besideName, content] of Object.entries(beside)) {
    if (besideName.endsWith('.patch')) {
      const [last] = (await files.layersOf(`recipes/${name}/${besideName}`)).slice(-1);
      const sections = take(parsePatch(content, last?.file ?? besideName));
      patches.set(besideName, sections ?? []);
    } else if (besideName !== 'recipe.yaml') scripts[besideName] = content;
  }
  const folder = recipe && {recipe, files: scripts, patches};
  return {name, text, folder, mistakes, read: recipe && {recipe, layers, beside}};
}

/** Stages, dependencies and messages refer to a recipe by its folder, so no recipe can take another's place. */
function checkName(
  recipe: Result<Recipe>,
  folder: string,
  layers: readonly TextFile[],
): Result<Recipe> {
  if (!recipe.ok || recipe.value.name === folder) return recipe;
  const {name} = recipe.value;
  const place = placeOfText(layers, 'name', name);
  return failure([{...place, message: `"name" is ${name}, expected the folder's name ${folder}`}]);
}
