import type {Command} from 'commander';
import {addJsonOption, addPlanOptions, addPythonArgument, withPython} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

/** `ampoule fetch` */
export function fetchCommand(command: Command, signal: AbortSignal): void {
  addJsonOption(addPlanOptions(addPythonArgument(command))).action(
    async (python: string | undefined, options: CommonOptions & JsonOption) => {
      const {runFetch} = await import('./run.js');
      await runFetch(withPython(options, python), signal);
    },
  );
}
