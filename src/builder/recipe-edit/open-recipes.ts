import path from 'node:path';
import {InputError} from '../../core/errors.js';
import {didYouMean} from '../../data/nearest.js';
import {projectFiles, readTexts, type ProjectFiles} from '../project-files.js';
import {projectFolder} from '../project-folder.js';
import {readRecipes, type RecipeReading} from '../read-recipes.js';

/** The recipes of a project, and where they are. */
export interface OpenedRecipes {
  /** Absolute. */
  readonly project: string;
  readonly files: ProjectFiles;
  readonly recipes: readonly RecipeReading[];
}

/** Reads the recipes of a project, Ampoule's own by default, and nothing else of it. */
export async function openRecipes(folder: string = projectFolder): Promise<OpenedRecipes> {
  const project = path.resolve(folder);
  const files = projectFiles([project]);
  const recipes = await readRecipes(files, await readTexts(files, 'licenses'));
  if (recipes.length > 0) return {project, files, recipes};
  throw new InputError([
    `--project: ${project} has no recipes/<name>/recipe.yaml. Expected a folder like Ampoule's own.`,
  ]);
}

/** The recipes of these names, all without names. @throws InputError for a name that no recipe has. */
export function selectRecipes(
  recipes: readonly RecipeReading[],
  names: readonly string[],
): readonly RecipeReading[] {
  if (names.length === 0) return recipes;
  const known = recipes.map(({name}) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new InputError(
      unknown.map((name) => {
        const suggestion = didYouMean(name, known) || ` Expected one of ${known.join(', ')}.`;
        return `unknown recipe "${name}".${suggestion}`;
      }),
    );
  }
  return recipes.filter(({name}) => names.includes(name));
}

/** The same recipes. @throws InputError with the mistakes in them. */
export function requireSound(recipes: readonly RecipeReading[]): readonly RecipeReading[] {
  const mistakes = recipes.flatMap((reading) => reading.mistakes);
  if (mistakes.length > 0) throw new InputError(mistakes);
  return recipes;
}
