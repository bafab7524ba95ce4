import {structuredPatch} from 'diff';
import {ownCommand} from '../../core/own-command.js';
import {openReporter} from '../../builder/open-reporter.js';
import type {StoreOptions} from '../../builder/options.js';
import {bumpRecipe, type Bump} from '../../builder/recipe-edit/bump.js';
import {readSuites, suitesOf} from '../../builder/recipe-edit/debian-suites.js';
import {openRecipes, requireSound, selectRecipes} from '../../builder/recipe-edit/open-recipes.js';
import {replaceRecipe} from '../../builder/recipe-edit/write-recipe.js';
import {recipeFile} from '../../builder/read-recipes.js';
import {DiskStore} from '../../store/disk-store.js';
import {print} from '../print.js';

/** What commands that write recipes take, as the command line's parser leaves it. */
export interface EditOptions extends Pick<
  StoreOptions,
  'store' | 'project' | 'debianMirror' | 'progress'
> {
  readonly date?: string;
}

/** The options of `ampoule recipe bump`. */
export interface BumpCommandOptions extends EditOptions {
  readonly dryRun?: true;
  readonly allowOlder?: true;
}

/** Context lines around a change. */
const context = 2;

/** Pins another version in a recipe, and prints what was found and how the file changed. */
export async function runRecipeBump(
  name: string,
  version: string,
  options: BumpCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  const opened = await openRecipes(options.project);
  const [reading] = requireSound(selectRecipes(opened.recipes, [name]));
  if (reading === undefined) return;
  const reporter = await openReporter(options.progress);
  const {onEvent} = reporter;
  try {
    const {project} = opened;
    const {store: folder, debianMirror, date} = options;
    const onNotice = (message: string): void => onEvent({type: 'notice', message});
    const store = await DiskStore.open(folder, onNotice, signal);
    const suites = await suitesOf(opened);
    const bump = await bumpRecipe(reading, {
      version,
      isOlderAllowed: options.allowOlder === true,
      means: {store, onEvent, signal, date},
      suites: (packages) =>
        readSuites(suites, packages, {
          ...{project, store, debianMirror, isOffline: false, onEvent, signal},
        }),
    });
    signal.throwIfAborted();
    const isChanged = bump.before !== bump.after;
    if (isChanged && options.dryRun !== true) await replaceRecipe(project, name, bump);
    reporter.close();
    print(describe(name, bump, options.dryRun === true));
  } finally {
    reporter.close();
  }
}

function describe(name: string, {before, after, outcomes}: Bump, isDryRun: boolean): string {
  const file = recipeFile(name);
  const sets = outcomes.map(({set, from, to, note}) => {
    const versions = from === to ? from : `${from} -> ${to}`;
    return `${set.padEnd(8)}  ${versions}  ${note}`;
  });
  const diff = before === after ? [] : diffOf(file, before, after);
  const end =
    before === after
      ? [`${file} has these pins already: nothing changed.`]
      : isDryRun
        ? [`Not written: --dry-run.`]
        : [
            `Written: ${file}`,
            'Comments are as they were: correct those that no longer hold. Compare the patches with the new version.',
            `Next: ${ownCommand(`recipe check ${name}`)}`,
          ];
  return [...sets, ...diff, ...end].map((line) => `${line}\n`).join('');
}

function diffOf(file: string, before: string, after: string): readonly string[] {
  const {hunks} = structuredPatch('', '', before, after, undefined, undefined, {context});
  return [
    `--- a/${file}`,
    `+++ b/${file}`,
    ...hunks.flatMap(({oldStart, oldLines, newStart, newLines, lines}) => [
      `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
      ...lines,
    ]),
  ];
}
