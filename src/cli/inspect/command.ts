import type {Command} from 'commander';
import type {InspectOptions} from './run.js';

/** `ampoule inspect` */
export function inspectCommand(program: Command): void {
  program
    .command('inspect')
    .description('tell what an archive is and holds: version, target, sizes, extensions, licences')
    .argument('<archive>', 'an archive of any flavour')
    .option('--elf', 'also print what each program and shared library needs')
    .option('--json', 'print one JSON document')
    .action(async (archive: string, options: InspectOptions) => {
      const {runInspect} = await import('./run.js');
      await runInspect(archive, options);
    });
}
