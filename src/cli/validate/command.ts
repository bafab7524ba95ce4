import type {Command} from 'commander';

/** `ampoule validate` */
export function validateCommand(command: Command): void {
  command
    .argument('[archive]', 'a .tar.zst or .tar.gz of any flavour')
    .option('--json', 'print one JSON document')
    .option('--rules', 'print the rules instead')
    .action(async (archive: string | undefined, options: ValidateOptions) => {
      const {runValidate} = await import('./run.js');
      await runValidate(archive, options);
    });
}

/** The options of `ampoule validate`. */
export interface ValidateOptions {
  readonly json?: true;
  readonly rules?: true;
}
