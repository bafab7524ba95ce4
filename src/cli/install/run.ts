import {hostCommandRunner} from '../../executor/local/host-command.js';
import {installArchive} from '../../installation/install-archive.js';
import {ownerName} from '../../store/owner.js';
import {archiveErrorsAsInput} from '../archive-input.js';
import {printPath} from '../print.js';
import type {InstallOptions} from './command.js';

/** Unpacks an archive as a Python in a folder, and prints the path of its interpreter. */
export async function runInstall(
  archive: string,
  folder: string,
  {force}: InstallOptions,
  signal: AbortSignal,
): Promise<void> {
  const request = {archive, folder, mayLose: force === true};
  const run = hostCommandRunner(await ownerName());
  printPath(await archiveErrorsAsInput(installArchive(request, run, signal)));
}
