import type {Command} from 'commander';
import {addExecutorOptions, addStoreOptions} from '../command-options.js';
import type {CommonOptions} from '../options.js';

/** `ampoule doctor` */
export function doctorCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('doctor')
    .description('check that this machine can build, and say what to do where it cannot');
  addExecutorOptions(addStoreOptions(command)).action(async (options: CommonOptions) => {
    const {runDoctor} = await import('../doctor.js');
    await runDoctor(options, signal);
  });
}
