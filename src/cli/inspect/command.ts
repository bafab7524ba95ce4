import type {Command} from 'commander';
import type {InspectOptions} from './run.js';

/** `ampoule inspect` */
export function inspectCommand(command: Command, signal: AbortSignal): void {
  command
    .argument(
      '<archive>',
      'an archive of any flavour; or a folder with a Python in it: an installation, an unpacked archive, a build folder; or its interpreter',
    )
    .option('--elf', 'also print what each program and shared library needs')
    .option('--run', 'start the interpreter of the folder, and import each extension module')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Nothing of an archive or a folder is executed, except with --run: then the interpreter of the folder runs as this
user, with this user's rights and outside any sandbox.`,
    )
    .action(async (archive: string, options: InspectOptions) => {
      const {runInspect} = await import('./run.js');
      await runInspect(archive, options, signal);
    });
}
