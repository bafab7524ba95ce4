import type {Command} from 'commander';
import {addJsonOption, addProgressOptions, addStoreOption} from '../command-options.js';
import type {LogOptions} from './run.js';

/** `ampoule log` */
export function logCommand(command: Command, signal: AbortSignal): void {
  command
    .argument('[stage]', 'a stage, such as dependency/zlib or just zlib')
    .option('-f, --follow', 'follow the log while the stage runs');
  addJsonOption(addProgressOptions(addStoreOption(command))).action(
    async (stage: string | undefined, options: LogOptions) => {
      const {runLog} = await import('./run.js');
      await runLog(stage, options, signal);
    },
  );
}
