import type {Command} from 'commander';
import {
  addJsonOption,
  addMirrorOption,
  addProgressOptions,
  addProjectOption,
  addStoreOption,
  addStoreOptions,
} from '../command-options.js';
import type {BumpCommandOptions} from './bump.js';
import type {NewCommandOptions} from './new.js';
import {parseDay} from './parse-day.js';
import type {CheckOptions} from './check.js';
import type {OutdatedOptions} from './outdated.js';

const names = 'folders of recipes/ (default: all)';

/** `ampoule recipe` and its commands. */
export function recipeCommand(recipe: Command, signal: AbortSignal): void {
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
  const bump = recipe
    .command('bump')
    .description('pin another version: find it, download it, and change the recipe in place')
    .argument('<recipe>', 'a folder of recipes/')
    .argument('<version>', 'the version to pin; the pinned one is read again')
    .option('-n, --dry-run', 'print the change without making it')
    .option('--allow-older', 'take a version that is older than the pinned one');
  addEditOptions(bump).action(
    async (name: string, version: string, options: BumpCommandOptions) => {
      const {runRecipeBump} = await import('./bump.js');
      await runRecipeBump(name, version, options, signal);
    },
  );
  const make = recipe
    .command('new')
    .description('write the recipe of a dependency, with the pins of its source')
    .argument('<name>', 'the folder of recipes/ to make')
    .argument('<version>', 'the version to pin')
    .requiredOption('--url <url>', "upstream's file of this version")
    .option('--debian <package>', "Debian's source package of it");
  addEditOptions(make).action(async (name: string, version: string, options: NewCommandOptions) => {
    const {runRecipeNew} = await import('./new.js');
    await runRecipeNew(name, version, options, signal);
  });
}

/** Adds the options of a command that downloads what it pins. */
function addEditOptions(command: Command): Command {
  return addProgressOptions(addMirrorOption(addProjectOption(addStoreOption(command)))).option(
    '--date <day>',
    'the day of the newest file in an archive that cannot be read here: 2026-01-31',
    parseDay,
  );
}
