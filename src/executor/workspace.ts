import {chmod, mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {ArtifactDigest} from '../core/digest.js';
import type {Execution, ExecutionLimits} from './executor.js';
import {linkOrCopy, mergeTrees, type SoleFolder} from './merge-trees.js';

/** The path of the job slots' named pipe in a sandbox. */
export const jobsGuestPath = '/tmp/.ampoule-jobs';

/** One read-only tree of an execution, as one host directory. */
export interface PreparedMount {
  readonly guestPath: string;
  readonly hostPath: string;
  /** What it is the union of, in mount order. */
  readonly digests: readonly ArtifactDigest[];
}

/**
 * Makes the folders `build`, `out` and `src` of a workspace, fills `src`, and merges mounts of several artifacts.
 * @throws MountConflictError when two artifacts of a mount contain the same file.
 */
export async function prepareWorkspace(
  execution: Execution,
  workspacePath: string,
): Promise<readonly PreparedMount[]> {
  for (const name of ['build', 'out', 'src']) {
    await mkdir(path.join(workspacePath, name), {recursive: true});
  }
  await placeSources(execution, path.join(workspacePath, 'src'));
  return prepareMounts(execution, workspacePath);
}

/**
 * Makes the mounts of an execution present, and merges those of several artifacts below the workspace.
 * @param soleFolders whether a folder that only one of several artifacts has is merged with the rest, or is a mount of its
 *   own, which saves its links.
 * @throws MountConflictError when two artifacts of a mount contain the same file.
 */
export async function prepareMounts(
  execution: Pick<Execution, 'mounts'>,
  workspacePath: string,
  soleFolders: 'merged' | 'mounted' = 'merged',
): Promise<readonly PreparedMount[]> {
  const prepared: PreparedMount[] = [];
  for (const {guestPath, artifacts} of execution.mounts) {
    if (artifacts.length === 0) continue;
    const digests = artifacts.map(({digest}) => digest);
    const trees = await Promise.all(artifacts.map((artifact) => artifact.materialise()));
    const [tree = ''] = trees;
    if (trees.length === 1) {
      prepared.push({guestPath, hostPath: tree, digests});
      continue;
    }
    const hostPath = path.join(workspacePath, 'merged', guestPath);
    prepared.push({guestPath, hostPath, digests});
    const onSoleFolder = (folder: SoleFolder): void => {
      prepared.push({
        guestPath: path.join(guestPath, folder.relativePath),
        hostPath: path.join(folder.tree, folder.relativePath),
        digests: digests.filter((_digest, index) => trees[index] === folder.tree),
      });
    };
    await mergeTrees(hostPath, trees, {
      guestPath,
      ...(soleFolders === 'mounted' && {onSoleFolder}),
    });
  }
  return prepared;
}

/** The options by which make in a sandbox uses the named pipe at `jobsGuestPath`. */
export const makeflagsOfPipe = `-j --jobserver-auth=fifo:${jobsGuestPath}`;

/** The declared environment and the two variables that carry the limits, as arguments of `env`. */
export function environmentArguments(
  execution: Pick<Execution, 'environment'>,
  limits: ExecutionLimits,
  makeflags: string,
): readonly string[] {
  const environment = {
    ...execution.environment,
    MAKEFLAGS: makeflags,
    AMPOULE_JOBS: String(limits.jobs),
  };
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

async function placeSources(execution: Execution, directory: string): Promise<void> {
  for (const [name, file] of execution.sources) {
    const destination = path.join(directory, name);
    await mkdir(path.dirname(destination), {recursive: true});
    if (file.kind === 'path') await linkOrCopy(file.hostPath, destination);
    else await writeFile(destination, file.text);
    // A download may have been made with another umask; scripts see the mode.
    await chmod(destination, 0o644);
  }
}
