import {Option, type Command} from 'commander';
import {addJsonOption, addPlanOptions} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

type WhyOptions = CommonOptions & JsonOption & {readonly last?: true};

/** `ampoule why` */
export function whyCommand(command: Command, signal: AbortSignal): void {
  command
    .argument('[stage]', 'a stage, such as dependency/zlib or just zlib')
    .addOption(
      new Option(
        '--last',
        'why the stages of the last build of this project ran; with a stage, what changed for it',
      ),
    );
  addJsonOption(addPlanOptions(command)).action(
    async (stage: string | undefined, options: WhyOptions) => {
      if (options.last === true) {
        refusePlanOptions(command);
        const {runWhyLast} = await import('./last.js');
        await runWhyLast(stage, options);
        return;
      }
      const named = stage ?? command.error("error: missing required argument 'stage'");
      const {runWhy} = await import('./run.js');
      await runWhy(named, options, signal);
    },
  );
}

const lastOptions = ['last', 'store', 'project', 'json', 'progress', 'quiet', 'color'];

/** What the last build was of is known: it cannot be asked for. */
function refusePlanOptions(command: Command): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (lastOptions.includes(name) || command.getOptionValueSource(name) !== 'cli') continue;
    command.error(`error: option '${option.flags}' cannot be used with option '--last'`);
  }
}
