import type {Command} from 'commander';
import {addJsonOption, addPlanOptions} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

/** `ampoule why` */
export function whyCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('why')
    .description('explain why a stage would run: what changed since it last ran')
    .argument('<stage>', 'a stage, such as dependency/zlib or just zlib');
  addJsonOption(addPlanOptions(command)).action(
    async (stage: string, options: CommonOptions & JsonOption) => {
      const {runWhy} = await import('./run.js');
      await runWhy(stage, options, signal);
    },
  );
}
