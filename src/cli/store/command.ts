import type {Command} from 'commander';
import {
  addJsonOption,
  addPlanOptions,
  addProjectOption,
  addStoreOption,
} from '../command-options.js';
import type {GcOptions} from './gc.js';
import type {VerifyOptions} from './verify.js';
import type {CommonOptions, JsonOption} from '../../builder/options.js';

/** `ampoule store verify | gc | path` */
export function storeCommand(store: Command, signal: AbortSignal): void {
  const verify = store
    .command('verify')
    .description('check everything in the store and report damage')
    .option('--repair', 'remove what is damaged, so that the next build replaces it');
  addJsonOption(addProjectOption(addStoreOption(verify))).action(async (options: VerifyOptions) => {
    const {runStoreVerify} = await import('./verify.js');
    await runStoreVerify(options, signal);
  });
  const gc = store
    .command('gc')
    .description('remove everything that no last plan of a checkout and variant needs')
    .option('-n, --dry-run', 'only print what would be removed')
    .option(
      '--forget-missing',
      'also remove what only checkouts need that are not there now; by default it is kept for 14 days after they were last seen',
    );
  addJsonOption(addStoreOption(gc)).action(async (options: GcOptions) => {
    const {runStoreGc} = await import('./gc.js');
    await runStoreGc(options, signal);
  });
  const path = store
    .command('path')
    .description("print the path of the store, or of a stage's artifact or a source in it")
    .argument('[what]', 'a stage, or the file name or sha256 of a source');
  addJsonOption(addPlanOptions(path)).action(
    async (what: string | undefined, options: CommonOptions & JsonOption) => {
      const {runStorePath} = await import('./path.js');
      await runStorePath(what, options, signal);
    },
  );
}
