import type {Command} from 'commander';
import {addJsonOption, addProjectOption, addStoreOptions} from '../command-options.js';
import type {CheckOptions} from './check.js';
import type {OutdatedOptions} from './outdated.js';

const names = 'folders of recipes/ (default: all)';

/** `ampoule recipe` and its commands. */
export function recipeCommand(program: Command, signal: AbortSignal): void {
  const recipe = program
    .command('recipe')
    .description('check recipes, and keep their pins up to date');
  const check = recipe
    .command('check')
    .description('check recipes and the files that they name, without network and building nothing')
    .argument('[recipes...]', names);
  addJsonOption(addProjectOption(check)).action(
    async (recipes: readonly string[], options: CheckOptions) => {
      const {runRecipeCheck} = await import('./check.js');
      await runRecipeCheck(recipes, options);
    },
  );
  const outdated = recipe
    .command('outdated')
    .description("compare pins with Debian's signed suites, and with upstream's hosts that answer")
    .argument('[recipes...]', names);
  addJsonOption(addStoreOptions(outdated)).action(
    async (recipes: readonly string[], options: OutdatedOptions) => {
      const {runRecipeOutdated} = await import('./outdated.js');
      await runRecipeOutdated(recipes, options, signal);
    },
  );
}
