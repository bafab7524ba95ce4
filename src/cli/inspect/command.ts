import type {Command} from 'commander';
import type {InspectOptions} from './run.js';

/** `ampoule inspect` */
export function inspectCommand(program: Command): void {
  program
    .command('inspect')
    .description(
      'print what an archive is and contains: version, target, sizes, extension modules, licences',
    )
    .argument('<archive>', 'an archive of any flavour')
    .option('--elf', 'also print what each program and shared library needs')
    .option('--json', 'print one JSON document')
    .action(async (archive: string, options: InspectOptions) => {
      const {runInspect} = await import('./run.js');
      await runInspect(archive, options);
    });
}
