import type {Command} from 'commander';
import type {DiffCommandOptions} from './run.js';

/** `ampoule diff` */
export function diffCommand(program: Command, signal: AbortSignal): void {
  program
    .command('diff')
    .description(
      'compare two archives: members, then ELF sections and symbols, text lines, JSON keys',
    )
    .argument('<a>', 'an archive of any flavour')
    .argument('<b>', 'another one, also of another flavour or version')
    .option('--full', 'print every line and every member instead of the start of long lists')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit code: 0 when they are equal, 1 when they differ, 2 for bad input.',
    )
    .action(async (a: string, b: string, options: DiffCommandOptions) => {
      const {runDiff} = await import('./run.js');
      await runDiff(a, b, options, signal);
    });
}
