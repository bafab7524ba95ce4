import type {Command} from 'commander';
import {
  addRunOptions,
  addJsonOption,
  addPythonArgument,
  addSourcesOption,
  addStoreOptions,
  addVariantOptions,
  collect,
} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';
import type {ImportOptions} from './import.js';
import type {TrainOptions} from './train.js';

/** `ampoule profile` and its commands. */
export function profileCommand(command: Command, signal: AbortSignal): void {
  const train = command
    .command('train')
    .description(
      "run CPython's training task and everyday programs, and write the profile with what it was made from",
    );
  addOutputOption(addRunOptions(addVariantOptions(addPythonArgument(train), 'pgo')))
    .option(
      '--profile-task <file>',
      "a program to train by, beside CPython's own task; <file>=<weight> adds its counts that often; may be repeated",
      collect,
    )
    .action(async (python: string | undefined, options: TrainOptions) => {
      const {runTrain} = await import('./train.js');
      await runTrain({...options, ...(python !== undefined && {python})}, signal);
    });
  const show = command
    .command('show')
    .description('print what a profile was made from, what it covers, and its hottest functions')
    .argument(
      '[profile]',
      "a .profdata.zst with its .yaml beside it, or the Python of a project's own",
    );
  addJsonOption(addRunOptions(addVariantOptions(show, 'pgo'))).action(
    async (profile: string | undefined, options: CommonOptions & JsonOption) => {
      const {runShow} = await import('./show.js');
      await runShow(profile, options, signal);
    },
  );
  const take = command
    .command('import')
    .description(
      'check a profile from elsewhere, print how its inputs differ from those of this project, and copy it here',
    )
    .argument('<profile>', 'a .profdata.zst with its .yaml beside it');
  addOutputOption(addSourcesOption(addStoreOptions(take))).action(
    async (profile: string, options: ImportOptions) => {
      const {runImport} = await import('./import.js');
      await runImport(profile, options, signal);
    },
  );
}

function addOutputOption(command: Command): Command {
  return command.option(
    '-o, --output <folder>',
    'the folder that gets profiles/… (default: that of --project, or of Ampoule)',
  );
}
