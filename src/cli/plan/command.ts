import type {Command} from 'commander';
import {addJsonOption, addPlanOptions, addPythonArgument, withPython} from '../command-options.js';
import type {PlanOptions} from './run.js';

/** `ampoule plan` */
export function planCommand(command: Command, signal: AbortSignal): void {
  addJsonOption(addPlanOptions(addPythonArgument(command)))
    .option('--all', 'also the libraries that no module links, and the tests of their recipes')
    .action(async (python: string | undefined, options: PlanOptions) => {
      const {runPlan} = await import('./run.js');
      await runPlan(withPython(options, python), signal);
    });
}
