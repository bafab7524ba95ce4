import type {Command} from 'commander';
import {addExecutorOptions, addJsonOption, addStoreOptions} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

/** `ampoule doctor` */
export function doctorCommand(command: Command, signal: AbortSignal): void {
  addJsonOption(addExecutorOptions(addStoreOptions(command))).action(
    async (options: CommonOptions & JsonOption) => {
      const {runDoctor} = await import('./run.js');
      await runDoctor(options, signal);
    },
  );
}
