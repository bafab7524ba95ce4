import type {Command} from 'commander';
import {addExecutorOptions, addPlanOptions} from '../command-options.js';
import type {CommonOptions} from '../../builder/options.js';

/** `ampoule shell` */
export function shellCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('shell')
    .description("open a stage's sandbox by hand; ends with the exit code of what ran there")
    .argument('<stage>', 'dependency/zlib, or zlib where that is clear')
    .argument('[command...]', 'after --, what to run there in place of a shell');
  addExecutorOptions(addPlanOptions(command)).action(
    async (stage: string, words: readonly string[], options: CommonOptions) => {
      const {runShell} = await import('./run.js');
      await runShell(stage, words, options, signal);
    },
  );
}
