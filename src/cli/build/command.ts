import {Option, type Command} from 'commander';
import {InputError} from '../../core/errors.js';
import {
  addJsonOption,
  addKeepWorkOption,
  addPlanOptions,
  addRunOptions,
  withPython,
} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

type BuildOptions = CommonOptions & JsonOption & {readonly dryRun?: true};

/** `ampoule build` */
export function buildCommand(command: Command, signal: AbortSignal): void {
  command.argument(
    '[what...]',
    'Pythons: 3.14, 3.14.7 or cpython-3.14, several with commas; or stages alone: dependency/zlib or just zlib',
  );
  addJsonOption(addKeepWorkOption(addRunOptions(addPlanOptions(command))))
    .addOption(new Option('-o, --output <folder>', 'folder for the archives').default('dist'))
    .option('--explain', 'tell why each stage runs: what changed since it last did')
    .option('-n, --dry-run', 'only print what `ampoule plan` prints')
    .action(async (words: readonly string[], given: BuildOptions) => {
      const {pythons, stages} = sortWords(words);
      const options = withPython(given, pythons);
      if (stages.length > 0 && command.getOptionValueSource('output') === 'cli') {
        throw new InputError([
          `--output: archives are written there, and ${stages.join(', ')} is built without them.\n` +
            'Leave it out: the path of the tree in the store is printed.',
        ]);
      }
      if (options.dryRun === true) {
        const {runPlan} = await import('../plan/run.js');
        await runPlan(options, signal, stages);
      } else if (stages.length > 0) {
        const {runBuildStages} = await import('./stages.js');
        await runBuildStages(stages, options, signal);
      } else {
        const {runBuild} = await import('./run.js');
        await runBuild(options, signal);
      }
    });
}

/** Tells Pythons, which begin with a digit, from stages. */
function sortWords(words: readonly string[]): {
  readonly pythons: string | undefined;
  readonly stages: readonly string[];
} {
  const isPython = (word: string): boolean => /^(?:cpython-)?\d[^/]*$/.test(word);
  const pythons = words.filter(isPython);
  return {
    pythons: pythons.length === 0 ? undefined : pythons.join(),
    stages: words.filter((word) => !isPython(word)),
  };
}
