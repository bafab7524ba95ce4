import type {Command} from 'commander';
import type {DiffCommandOptions} from './run.js';

/** `ampoule diff` */
export function diffCommand(command: Command, signal: AbortSignal): void {
  command
    .argument('<a>', 'an archive of any flavour')
    .argument('<b>', 'another archive; its flavour and version may differ')
    .option('--full', 'print long lists completely')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExit code: 0 if the archives are equal, 1 if they differ, 2 for invalid input.',
    )
    .action(async (a: string, b: string, options: DiffCommandOptions) => {
      const {runDiff} = await import('./run.js');
      await runDiff(a, b, options, signal);
    });
}
