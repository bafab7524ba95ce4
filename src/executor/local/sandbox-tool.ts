import {open} from 'node:fs/promises';
import path from 'node:path';
import {buildMachine} from '../../core/build-machine.js';
import {BuildError} from '../../core/errors.js';
import {ownCommand} from '../../core/own-command.js';
import {giveTree, ownUser} from '../give-tree.js';
import {newMark} from './process-mark.js';
import {runProcess, type ProcessRun} from './run-process.js';
import {isolationArguments, sandboxProcess, type SandboxTool} from './sandbox-process.js';
import {openStageUser, stageUserId, type StageUser} from './stage-user.js';

/** bubblewrap of the machine itself. */
function hostTool(sandboxImagePath: string): SandboxTool {
  const busybox = busyboxOf(sandboxImagePath);
  return {command: 'bwrap', directory: '/', leadingArguments: [], busybox};
}

function busyboxOf(sandboxImagePath: string): string {
  return path.join(sandboxImagePath, 'usr/bin/busybox');
}

/** The kernel does not allow this user to make the namespaces of a sandbox. */
export class SandboxUnavailableError extends BuildError {
  override readonly name = 'SandboxUnavailableError';
  readonly code = 'E_SANDBOX_UNAVAILABLE';
}

/** bubblewrap of the locked sandbox image, started with that image's dynamic loader and libraries. */
export function imageSandboxTool(sandboxImagePath: string): SandboxTool {
  const libraries = `usr/lib/${buildMachine.multiarch}`;
  return {
    command: path.join(sandboxImagePath, libraries, buildMachine.loader),
    directory: sandboxImagePath,
    // Relative, because a colon or semicolon in the store's path would split the list of library folders.
    leadingArguments: ['--library-path', libraries, 'usr/bin/bwrap'],
    busybox: busyboxOf(sandboxImagePath),
  };
}

/** Where to try a sandbox. */
export interface SandboxTrial {
  readonly sandboxImagePath: string;
  /** The named pipes of the job slots to make: their file names, and an empty host directory for them. */
  readonly pipes: {readonly names: readonly string[]; readonly directory: string};
  /** Host path of the seccomp program. */
  readonly filterPath: string;
  /** The prefix of the marks of processes, see `newMark`. */
  readonly owner: string;
  /** Whether root stays itself. */
  readonly keepsUser?: boolean;
}

/**
 * Finds a working bubblewrap and makes the named pipes of the job slots with it: the image's or, if the kernel refuses
 * user namespaces to that one, the host's, which may be setuid or have a profile that allows it. If this process is root,
 * sandboxes run as another user where that is possible.
 * @throws SandboxUnavailableError with the setting that forbids it.
 */
export async function prepareSandboxTool(trial: SandboxTrial): Promise<SandboxTool> {
  const imageTool = imageSandboxTool(trial.sandboxImagePath);
  let rootReason: string | undefined;
  if (ownUser().uid === 0 && trial.keepsUser !== true) {
    const found = await tryAsStageUser(imageTool, trial);
    if (typeof found !== 'string') return found;
    rootReason = found;
  }
  const refusals: string[] = [];
  for (const tool of [imageTool, hostTool(trial.sandboxImagePath)]) {
    const refusal = await tryTool(tool, trial);
    if (refusal === undefined) return {...tool, ...(rootReason !== undefined && {rootReason})};
    refusals.push(`  ${path.basename(tool.leadingArguments.at(-1) ?? tool.command)}: ${refusal}`);
  }
  throw new SandboxUnavailableError(
    'The sandbox cannot be started. Expected: a user namespace from this kernel; found:\n' +
      `${refusals.join('\n')}\n` +
      'Look at these settings: kernel.apparmor_restrict_unprivileged_userns (expected 0), ' +
      'user.max_user_namespaces (expected more than 0), kernel.unprivileged_userns_clone (expected 1); ' +
      'in a container, allow user namespaces.\n' +
      `Next: \`${ownCommand('doctor')}\` shows which of them forbids it.`,
  );
}

/** The tool that runs sandboxes as `stageUserId`, or the reason why this root may not. */
async function tryAsStageUser(
  tool: SandboxTool,
  trial: SandboxTrial,
): Promise<SandboxTool | string> {
  let user: StageUser | undefined;
  try {
    user = await openStageUser(tool.busybox, trial.owner);
    const asUser = {...tool, user};
    await giveTree(trial.pipes.directory, stageUserId);
    const refusal = await tryTool(asUser, trial);
    await giveTree(trial.pipes.directory, ownUser());
    if (refusal === undefined) return asUser;
    await user[Symbol.asyncDispose]();
    return refusal;
  } catch (error) {
    await user?.[Symbol.asyncDispose]();
    return (error as Error).message;
  }
}

async function tryTool(
  tool: SandboxTool,
  {sandboxImagePath, pipes, filterPath, owner}: SandboxTrial,
): Promise<string | undefined> {
  const argv = [
    ...isolationArguments(tool),
    ...[
      '--new-session',
      '--ro-bind',
      path.join(sandboxImagePath, 'usr'),
      '/usr',
      '--bind',
      pipes.directory,
      '/out',
    ],
    // With the same isolation as an execution, so that success here means success there.
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...['--', '/usr/bin/busybox', 'mkfifo', '-m', '0666'],
    ...pipes.names.map((name) => `/out/${name}`),
  ];
  let complaint = '';
  await using filter = await open(filterPath);
  const run: ProcessRun = {
    ...sandboxProcess(tool, argv, {standard: ['ignore', 'ignore', 'pipe'], filter: filter.fd}),
    mark: newMark(owner),
    killAfterMs: 0,
    onStart: ({stderr}) =>
      stderr?.setEncoding('utf8').on('data', (text: string) => (complaint += text)),
  };
  try {
    const exit = await runProcess(run, new AbortController().signal);
    return exit.kind === 'exited' && exit.code === 0 ? undefined : complaint.trim();
  } catch (error) {
    return (error as Error).message;
  }
}
