import type {Command} from 'commander';
import {addRunOptions, addPlanOptions} from '../command-options.js';
import type {CommonOptions} from '../../builder/options.js';

/** `ampoule shell` */
export function shellCommand(command: Command, signal: AbortSignal): void {
  command
    .argument('<stage>', 'a stage, such as dependency/zlib or just zlib')
    .argument('[command...]', 'after --: a command to run instead of a shell');
  addRunOptions(addPlanOptions(command)).action(
    async (stage: string, words: readonly string[], options: CommonOptions) => {
      const {runShell} = await import('./run.js');
      await runShell(stage, words, options, signal);
    },
  );
}
