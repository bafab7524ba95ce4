import {mkdir, readFile, rename, rm, stat, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {asBuildError, InputError} from '../../core/errors.js';
import {isThere} from '../../files/is-there.js';
import {recipeFile} from '../read-recipes.js';
import {RecipeEditError} from './recipe-edit-error.js';

/** Replaces the text of a recipe, completely or not at all. @throws RecipeEditError if it changed since it was read. */
export async function replaceRecipe(
  project: string,
  name: string,
  {before, after}: {readonly before: string; readonly after: string},
): Promise<void> {
  const file = path.join(project, recipeFile(name));
  const temporary = path.join(path.dirname(file), `.recipe.yaml.${process.pid}`);
  try {
    if ((await readFile(file, 'utf8')) !== before) {
      throw new RecipeEditError(
        `${file} was changed meanwhile, and is left as it is. Run the same command again.`,
      );
    }
    const {mode} = await stat(file);
    await writeFile(temporary, after, {mode});
    await rename(temporary, file);
  } catch (error) {
    throw asBuildError(error, `Writing ${file}`);
  } finally {
    await rm(temporary, {force: true});
  }
}

/** Makes the folder of a new recipe with its text, completely or not at all. */
export async function createRecipe(project: string, name: string, text: string): Promise<void> {
  const folder = path.join(project, 'recipes', name);
  await requireAbsent(project, name);
  const temporary = path.join(project, 'recipes', `.${name}.${process.pid}`);
  try {
    await mkdir(temporary);
    await writeFile(path.join(temporary, 'recipe.yaml'), text);
    await rename(temporary, folder);
  } catch (error) {
    throw asBuildError(error, `Writing ${folder}`);
  } finally {
    await rm(temporary, {recursive: true, force: true});
  }
}

/** @throws InputError if there is a folder of this name. */
export async function requireAbsent(project: string, name: string): Promise<void> {
  if (!(await isThere(path.join(project, 'recipes', name)))) return;
  throw new InputError([
    `recipes/${name} is there already, and nothing was written. Another version of it: recipe bump.`,
  ]);
}
