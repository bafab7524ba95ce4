import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {BuildError} from '../../core/errors.js';
import type {Execution, Exit} from '../../executor/executor.js';
import type {HostFolder} from '../../executor/local/own-folders.js';
import {executionOf, type StageInputs} from '../../scheduler/run-stage.js';
import {describeExit} from '../../scheduler/errors.js';
import type {DevelopPlan} from '../../stages/develop-stage.js';
import {acquireOwnerLock} from '../../store/owner-lock.js';
import type {Session} from '../session.js';
import {dueStep, noteWanted, type BuildFolder} from './build-folder.js';
import {wantedConfiguration} from './wanted.js';

/** Work on a developer's tree. */
export interface DevelopWork {
  readonly plan: DevelopPlan;
  /** The tree: absolute, without links. */
  readonly tree: string;
  readonly build: BuildFolder;
  readonly session: Session;
  readonly artifactOf: StageInputs['artifactOf'];
  /** An empty folder for what the sandbox needs besides. */
  readonly scratch: string;
  readonly isQuiet: boolean;
}

/** A command that runs beside the tree. */
export interface DevelopCommand {
  readonly argv: Execution['argv'];
  readonly environment: Readonly<Record<string, string>>;
  /** The image to run in; by default the one that compiles. */
  readonly rootfs?: string;
  readonly isTreeWritable?: boolean;
}

/**
 * Configures the build folder if that is due, and makes targets there; its output goes to standard error.
 * @returns false if the signal stopped it.
 * @throws DevelopError if it failed.
 */
export async function makeTree(work: DevelopWork, targets: readonly string[]): Promise<boolean> {
  const {artifactOf, build, plan, session, tree} = work;
  const {onEvent, signal} = session.resources;
  const tell = (message: string): void => onEvent({type: 'notice', message});
  await using _lock = await acquireOwnerLock(
    {path: path.join(build.state, 'lock'), owners: session.store.layout.owners},
    signal,
    ({pid}) => tell(`waiting for process ${pid}, which makes in ${build.path}`),
  );
  const wanted = await wantedConfiguration(plan, tree, artifactOf);
  const {step, changed} = await dueStep(build, wanted);
  if (changed.length > 0) tell(`configuring again: changed are ${changed.join(', ')}`);
  if (step !== 'make') await noteWanted(build, wanted);
  // From here on nothing counts as configured until it is.
  if (step === 'clean') await rm(path.join(build.state, 'inputs'), {force: true});
  const words = [...(work.isQuiet ? ['-s'] : []), ...targets];
  const exit = await runBeside(work, {
    argv: ['/bin/sh', '-c', `exec >&2\n${plan.stage.script}`, 'develop', ...words],
    environment: {
      ...plan.stage.environment,
      HOME: path.join(build.state, 'home'),
      PYTHON_TREE: build.tree,
      PYTHON_STATE: build.state,
      PYTHON_DUE: step,
    },
  });
  if (exit.kind === 'cancelled') return false;
  if (exit.kind === 'exited' && exit.code === 0) return true;
  throw new DevelopError(
    `making ${tree} in ${build.path} failed with ${describeExit(exit)}.\n` +
      'The reason is above. Change the tree, then run the same command again: what is made already is kept.',
  );
}

/** Runs a command that sees the tree and the build folder, on this process's input and output. */
export async function runBeside(work: DevelopWork, command: DevelopCommand): Promise<Exit> {
  const {artifactOf, build, plan, session, tree} = work;
  const {resources, store} = session;
  const stage = {...plan.stage, rootfs: command.rootfs ?? plan.stage.rootfs};
  const {argv, environment} = command;
  const execution = {
    ...executionOf(stage, {artifactOf, sourcePaths: new Map()}, store),
    ...{argv, environment, sources: new Map()},
  };
  const executor = await session.ownExecutor();
  const release = await executor.jobs.acquire(resources.signal);
  const folders: readonly [HostFolder, HostFolder] = [
    {path: build.path, isWritable: true},
    {path: tree, isWritable: command.isTreeWritable === true},
  ];
  const hasTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const limits = {jobs: resources.jobs, hasTerminal, folders};
  try {
    const workspace = await mkdtemp(path.join(work.scratch, 'command-'));
    return await executor.attachToFolders(execution, workspace, limits, resources.signal);
  } finally {
    release();
  }
}

/** A developer's tree could not be made. */
export class DevelopError extends BuildError {
  override readonly name = 'DevelopError';
  readonly code = 'E_DEVELOP';
}
