import type {Command} from 'commander';
import {addPlanOptions} from '../command-options.js';
import type {CommonOptions} from '../options.js';

/** `ampoule plan` */
export function planCommand(program: Command): void {
  const command = program
    .command('plan')
    .description(
      'print every stage with its key and whether the store has it, without running anything',
    );
  addPlanOptions(command)
    .option('--json', 'print one JSON document')
    .action(async (python: string | undefined, options: CommonOptions & {readonly json?: true}) => {
      const {runPlan} = await import('../plan.js');
      await runPlan(python, options);
    });
}
