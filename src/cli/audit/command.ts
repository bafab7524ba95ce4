import type {Command} from 'commander';
import {
  addRunOptions,
  addJsonOption,
  addPlanOptions,
  addPythonArgument,
  withPython,
} from '../command-options.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

/** `ampoule audit` */
export function auditCommand(command: Command, signal: AbortSignal): void {
  addJsonOption(addRunOptions(addPlanOptions(addPythonArgument(command), 'noopt'))).action(
    async (python: string | undefined, options: CommonOptions & JsonOption) => {
      const {runAudit} = await import('./run.js');
      await runAudit(withPython(options, python), signal);
    },
  );
}
