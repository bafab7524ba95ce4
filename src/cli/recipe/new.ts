import {ownCommand} from '../../core/own-command.js';
import {openReporter} from '../../builder/open-reporter.js';
import {readSuites, suitesOf} from '../../builder/recipe-edit/debian-suites.js';
import {newRecipe} from '../../builder/recipe-edit/new-recipe.js';
import {openRecipes} from '../../builder/recipe-edit/open-recipes.js';
import {createRecipe, requireAbsent} from '../../builder/recipe-edit/write-recipe.js';
import {recipeFile} from '../../builder/read-recipes.js';
import {DiskStore} from '../../store/disk-store.js';
import {print} from '../print.js';
import type {EditOptions} from './bump.js';

/** The options of `ampoule recipe new`. */
export interface NewCommandOptions extends EditOptions {
  readonly url: string;
  readonly debian?: string;
}

/** Writes a new recipe with the pins of its source, and prints what is left to do. */
export async function runRecipeNew(
  name: string,
  version: string,
  options: NewCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const opened = await openRecipes(options.project);
  const {project} = opened;
  await requireAbsent(project, name);
  const reporter = await openReporter(options.progress);
  const {onEvent} = reporter;
  try {
    const {store: folder, debianMirror, date, url, debian} = options;
    const onNotice = (message: string): void => onEvent({type: 'notice', message});
    const store = await DiskStore.open(folder, onNotice, signal);
    const suites = await suitesOf(opened);
    const made = await newRecipe({
      ...{name, version, url, debian},
      means: {store, onEvent, signal, date},
      suites: (packages) =>
        readSuites(suites, packages, {
          ...{project, store, debianMirror, isOffline: false, onEvent, signal},
        }),
    });
    signal.throwIfAborted();
    await createRecipe(project, name, made.text);
    reporter.close();
    const lines = [
      ...made.notes,
      `Written: ${recipeFile(name)}`,
      `Next: replace each TODO, then ${ownCommand(`recipe check ${name}`)}`,
    ];
    print(lines.map((line) => `${line}\n`).join(''));
  } finally {
    reporter.close();
  }
}
