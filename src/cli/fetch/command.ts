import type {Command} from 'commander';
import {addJsonOption, addPlanOptions, addPythonArgument, withPython} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

/** `ampoule fetch` */
export function fetchCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('fetch')
    .description('download everything that a build needs, so that `build --offline` works');
  addJsonOption(addPlanOptions(addPythonArgument(command))).action(
    async (python: string | undefined, options: CommonOptions & JsonOption) => {
      const {runFetch} = await import('./run.js');
      await runFetch(withPython(options, python), signal);
    },
  );
}
