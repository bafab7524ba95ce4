import type {Command} from 'commander';
import {
  addMirrorOption,
  addProgressOptions,
  addProjectOption,
  addStoreOption,
} from '../command-options.js';
import type {ImageLockOptions} from './run.js';

/** `ampoule image` and its commands. */
export function imageCommand(command: Command, signal: AbortSignal): void {
  const lock = command
    .command('lock')
    .description(
      'lock images to the packages of a signed Debian suite: docker/<image>/image.lock.json',
    )
    .argument('[images...]', 'folders of docker/ (default: all)');
  addProgressOptions(addMirrorOption(addProjectOption(addStoreOption(lock))))
    .option('--check', 'write nothing; exit with 1 if a lock would change')
    .option('--allow-expired', 'accept a suite whose Valid-Until has passed; the lock records it')
    .option('--allow-older', "accept a suite that is older than the present lock's")
    .option('--json', 'print one JSON document')
    .action(async (images: readonly string[], options: ImageLockOptions) => {
      const {runImageLock} = await import('./run.js');
      await runImageLock(images, options, signal);
    });
}
