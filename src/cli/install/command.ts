import type {Command} from 'commander';

/** The options of `ampoule install`. */
export interface InstallOptions {
  readonly force?: true;
}

/** `ampoule install` */
export function installCommand(command: Command, signal: AbortSignal): void {
  command
    .argument('<archive>', 'a .tar.zst or .tar.gz of any flavour')
    .argument('<folder>', 'the prefix: <folder>/bin/python3 is the interpreter')
    .option('--force', 'also remove packages and files that were added to the Python there')
    .action(async (archive: string, folder: string, options: InstallOptions) => {
      const {runInstall} = await import('./run.js');
      await runInstall(archive, folder, options, signal);
    });
}
