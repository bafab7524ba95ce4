import {Option, type Command} from 'commander';
import {buildMachine} from '../../core/build-machine.js';
import {
  addRunOptions,
  addJsonOption,
  addStoreOptions,
  addSourcesOption,
} from '../command-options.js';
import type {ToolchainOptions} from './run.js';

/** `ampoule toolchain` */
export function toolchainCommand(command: Command, signal: AbortSignal): void {
  command.argument('[stages...]', 'build only these and what they need: binutils, gcc');
  addSourcesOption(addStoreOptions(command))
    .addOption(
      new Option(
        '--llvm-targets <names>',
        'processors that the compiler generates code for: X86,AArch64',
      ).default(buildMachine.llvm),
    )
    .option('--bolt', 'build llvm-bolt as well');
  addJsonOption(addRunOptions(command)).action(
    async (stages: readonly string[], options: ToolchainOptions) => {
      const {runToolchain} = await import('./run.js');
      await runToolchain(stages, options, signal);
    },
  );
}
