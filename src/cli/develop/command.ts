import {Option, type Command} from 'commander';
import {addRunOptions, addVariantOptions} from '../command-options.js';
import type {DevelopOptions} from './run.js';

/** `ampoule develop` */
export function developCommand(command: Command, signal: AbortSignal): void {
  command
    .argument('<tree>', 'a checkout of CPython, or an unpacked release')
    .argument('[arguments...]', 'what follows --run, --test, --regen or --gdb');
  addRunOptions(addVariantOptions(command, 'noopt'))
    .addOption(
      new Option(
        '--build-folder <folder>',
        'where to build; it is kept (default: <tree>-build-<options> beside the tree)',
      ),
    )
    .option('--run', 'then run a command in the build folder: all arguments after it')
    .option('--test', 'then run tests of the tree: all arguments after it go to python -m test')
    .option(
      '--regen',
      "make what is generated in the tree, and write it there: make's targets after it (default: regen-all clinic)",
    )
    .option(
      '--shell',
      'open a shell with debuggers, git and an editor, which may write to the tree',
    )
    .option(
      '--gdb',
      "then start the interpreter in gdb: all arguments after it are the interpreter's",
    )
    .addHelpText(
      'after',
      `
The sandbox is that of a stage, with the tree and the build folder at the paths that they have here; commands in it run
as this user. The tree is read-only, except for --regen and --shell.
Exit code: that of the command; 1 if the tree could not be made, 2 for bad input.`,
    )
    .action(async (tree: string, given: readonly string[], options: DevelopOptions) => {
      const {runDevelop} = await import('./run.js');
      await runDevelop(tree, given, options, signal);
    });
}
