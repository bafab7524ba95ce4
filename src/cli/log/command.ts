import type {Command} from 'commander';
import {addJsonOption, addStoreOptions} from '../command-options.js';
import type {LogOptions} from './run.js';

/** `ampoule log` */
export function logCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('log')
    .description('print the newest log of a stage; without a stage, what logs there are')
    .argument('[stage]', 'dependency/zlib, or zlib where that is clear')
    .option('-f, --follow', 'go on until a stage that runs has ended');
  addJsonOption(addStoreOptions(command)).action(
    async (stage: string | undefined, options: LogOptions) => {
      const {runLog} = await import('./run.js');
      await runLog(stage, options, signal);
    },
  );
}
