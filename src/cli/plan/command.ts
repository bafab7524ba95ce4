import type {Command} from 'commander';
import {addJsonOption, addPlanOptions, addPythonArgument, withPython} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

/** `ampoule plan` */
export function planCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('plan')
    .description(
      'print every stage with its key and whether the store has it, without running anything',
    );
  addJsonOption(addPlanOptions(addPythonArgument(command))).action(
    async (python: string | undefined, options: CommonOptions & JsonOption) => {
      const {runPlan} = await import('./run.js');
      await runPlan(withPython(options, python), signal);
    },
  );
}
