import type {Command} from 'commander';
import {addExecutorOptions, addJsonOption, addStoreOptions} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

/** `ampoule doctor` */
export function doctorCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('doctor')
    .description('check whether this machine can build, and say what to do if it cannot');
  addJsonOption(addExecutorOptions(addStoreOptions(command))).action(
    async (options: CommonOptions & JsonOption) => {
      const {runDoctor} = await import('./run.js');
      await runDoctor(options, signal);
    },
  );
}
