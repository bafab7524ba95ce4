import {existsSync} from 'node:fs';
import path from 'node:path';
import {sanitizerEnvironment} from '../../core/sanitizer-environment.js';
import type {StageId} from '../../core/stage-id.js';
import type {Execution, Exit} from '../../executor/executor.js';
import type {HostFolder} from '../../executor/local/own-folders.js';
import {prepareMounts, type PreparedMount} from '../../executor/workspace.js';
import {executionOf, type StageInputs} from '../../scheduler/run-stage.js';
import type {DevelopPlan} from '../../stages/develop-stage.js';
import type {Session} from '../session.js';
import type {BuildFolder} from './build-folder.js';

/** Work on a developer's tree. */
export interface DevelopWork {
  readonly plan: DevelopPlan;
  /** The tree: absolute, without links. */
  readonly tree: string;
  readonly build: BuildFolder;
  readonly session: Session;
  readonly artifactOf: StageInputs['artifactOf'];
  /** What every sandbox mounts beside its image, from `prepareTreeMounts`. */
  readonly mounts: readonly PreparedMount[];
  readonly isQuiet: boolean;
}

/** A command that runs beside the tree. */
export interface DevelopCommand {
  readonly argv: Execution['argv'];
  readonly environment: Readonly<Record<string, string>>;
  /** The image to run in; by default the one that compiles. */
  readonly rootfs?: StageId;
  readonly isTreeWritable?: boolean;
  /** Further folders that it sees. */
  readonly folders?: readonly HostFolder[];
}

/** Makes what all commands mount, once for all of them, in a temporary folder. */
export function prepareTreeMounts(
  {artifactOf, plan, session}: Pick<DevelopWork, 'artifactOf' | 'plan' | 'session'>,
  temporaryFolder: string,
): Promise<readonly PreparedMount[]> {
  const inputs = {artifactOf, sourcePaths: new Map()};
  const execution = executionOf(plan.stage, inputs, session.store);
  return prepareMounts(execution, temporaryFolder, 'mounted');
}

/** What every interpreter of the tree needs of its environment. */
export function interpreterEnvironment({
  plan,
  tree,
}: Pick<DevelopWork, 'plan' | 'tree'>): Readonly<Record<string, string>> {
  return sanitizerEnvironment(plan.variant.options, (name) => {
    const file = path.join(tree, name);
    return existsSync(file) ? file : undefined;
  });
}

/** Runs a command that sees the tree and the build folder, on this process's input and output. */
export async function runBeside(work: DevelopWork, command: DevelopCommand): Promise<Exit> {
  const {artifactOf, build, plan, session, tree} = work;
  const {resources, store, umask} = session;
  const digest = artifactOf(command.rootfs ?? plan.stage.rootfs);
  const execution = {
    ...{argv: command.argv, environment: command.environment, sources: new Map()},
    rootfs: {digest, materialise: () => store.materialise(digest)},
  };
  const limits = {
    ...{jobs: resources.jobs, umask},
    hasTerminal: process.stdin.isTTY && process.stdout.isTTY,
    folders: [
      {path: build.path, isWritable: true},
      {path: tree, isWritable: command.isTreeWritable === true},
      ...(command.folders ?? []),
    ] as const,
  };
  const executor = await session.ownExecutor();
  const release = await executor.jobs.acquire(resources.signal);
  try {
    return await executor.attachToFolders(execution, work.mounts, limits, resources.signal);
  } finally {
    release();
  }
}
