import {Option, type Command} from 'commander';
import {
  addRunOptions,
  addJsonOption,
  addPlanOptions,
  addPythonArgument,
  withPython,
} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

type BuildOptions = CommonOptions & JsonOption & {readonly dryRun?: true};

/** `ampoule build` */
export function buildCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('build')
    .description('build distributions of CPython and print the paths of their archives');
  addJsonOption(addRunOptions(addPlanOptions(addPythonArgument(command))))
    .addOption(new Option('-o, --output <folder>', 'folder for the archives').default('dist'))
    .option('--explain', 'tell why each stage runs: what changed since it last did')
    .option('-n, --dry-run', 'only print what `ampoule plan` prints')
    .action(async (python: string | undefined, options: BuildOptions) => {
      if (options.dryRun === true) {
        const {runPlan} = await import('../plan/run.js');
        await runPlan(withPython(options, python), signal);
        return;
      }
      const {runBuild} = await import('./run.js');
      await runBuild(withPython(options, python), signal);
    });
}
