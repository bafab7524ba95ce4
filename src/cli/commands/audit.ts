import type {Command} from 'commander';
import {addExecutorOptions, addPlanOptions} from '../command-options.js';
import type {CommonOptions} from '../options.js';

/** `ampoule audit` */
export function auditCommand(program: Command, signal: AbortSignal): void {
  const command = program
    .command('audit')
    .description("compare our extension modules with those of upstream's own configuration");
  addExecutorOptions(addPlanOptions(command))
    .option('--json', 'print one JSON document')
    .action(async (python: string | undefined, options: CommonOptions & {readonly json?: true}) => {
      const {runAudit} = await import('../audit.js');
      await runAudit(python, options, signal);
    });
}
