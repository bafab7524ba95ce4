import path from 'node:path';
import type {StageKey} from '../../core/digest.js';
import {InputError, InternalError} from '../../core/errors.js';
import {ownCommand} from '../../core/own-command.js';
import type {StageId} from '../../core/stage-id.js';
import {isThere} from '../../files/is-there.js';
import type {Execution, Exit} from '../../executor/executor.js';
import {subgraph} from '../../graph/graph.js';
import {stageKeys} from '../../graph/key.js';
import {inputStages, type SandboxStage} from '../../graph/stage.js';
import type {DiskStore} from '../../store/disk-store.js';
import {copyKeptFiles} from '../../store/kept-files.js';
import {findStage} from '../../builder/find-stage.js';
import {openProject} from '../../builder/open-project.js';
import type {CommonOptions} from '../../builder/options.js';
import {openSession, type Session} from '../../builder/session.js';
import {executionWithInputs} from '../../builder/stage-execution.js';
import {openTemporaryFolder, type TemporaryFolder} from '../../builder/temporary-folder.js';
import {exitCodeOf} from '../exit-code.js';
import {byHand, rerunCommand} from './stage-by-hand.js';
import {printError} from '../print.js';

/** Opens a shell in a stage's sandbox, or runs a command there. Its files are removed afterwards. */
export async function runShell(
  name: string,
  command: readonly string[],
  options: CommonOptions,
  signal: AbortSignal,
): Promise<void> {
  const project = await openProject(options, signal);
  await using session = await openSession(options, project, signal);
  const {plan, stage} = findStage(name, project, options, await session.chooseSourceSet());
  if (stage.kind !== 'sandbox') {
    throw new InputError([
      `${stage.id} has no sandbox: it is a function of Ampoule.\nNext: ${ownCommand(`log ${stage.id}`)}`,
    ]);
  }
  await session.mark(plan);
  const inputs = subgraph(plan.graph, inputStages(stage));
  const execution = await executionWithInputs(stage, {plan, inputs}, session);
  const key = stageKeys(plan.graph).get(stage.id);
  if (key === undefined) throw new InternalError(`no key for stage ${stage.id}`);
  await using workspace = await openWorkspace(session.store, key);
  session.reporter.close();
  const isTold = command.length === 0 && process.stdin.isTTY && options.progress !== 'quiet';
  if (isTold) printError(`${welcome(stage.id, workspace)}\n`);
  const exit = await attach(execution, command, {session, stage, workspacePath: workspace.path});
  process.exitCode = exitCodeOf(exit) ?? process.exitCode;
}

interface ShellWorkspace extends TemporaryFolder {
  /** Whether it contains the files of a run that failed, or was asked to keep them. */
  readonly isCopy: boolean;
}

function welcome(stage: StageId, {isCopy}: ShellWorkspace): string {
  const files = isCopy ? 'a copy of what its last run left' : 'empty';
  return (
    `${stage}: no network, user 1000, the mounts and the environment of the stage.\n` +
    `/build is ${files}; your changes are discarded when you leave.\n` +
    `${rerunCommand} runs the stage; ArrowUp has that, and the lines of its script.`
  );
}

/** A separate folder, so that a rerun finds the files of the last run unchanged. */
async function openWorkspace(store: DiskStore, key: StageKey): Promise<ShellWorkspace> {
  const folder = await openTemporaryFolder(store, 'shell');
  try {
    return {...folder, isCopy: await copyKeptFiles(store.layout, key, folder.path)};
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function attach(
  execution: Execution,
  command: readonly string[],
  {session, stage, workspacePath}: {session: Session; stage: SandboxStage; workspacePath: string},
): Promise<Exit> {
  const {resources} = session;
  const executor = await resources.executor();
  const hasTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const hasBash = await isThere(path.join(await execution.rootfs.materialise(), 'usr/bin/bash'));
  const run = byHand(execution, stage, {
    command,
    hasBash,
    terminal: hasTerminal ? (process.env['TERM'] ?? 'dumb') : undefined,
  });
  // As for a stage; makes inside take more slots.
  const release = await executor.jobs.acquire(resources.signal);
  try {
    const limits = {jobs: resources.jobs, hasTerminal};
    return await executor.attach(run, workspacePath, limits, resources.signal);
  } finally {
    release();
  }
}
