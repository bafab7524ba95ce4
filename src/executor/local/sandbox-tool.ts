import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {buildMachine} from '../../core/build-machine.js';
import {BuildError} from '../../core/errors.js';
import {inheritedFiles} from './inherited-files.js';
import {newMark} from './process-mark.js';
import {runProcess, type ProcessRun} from './run-process.js';

/** How to start bubblewrap on this host: the command, and arguments that precede bubblewrap's own. */
export interface SandboxTool {
  readonly command: string;
  /** The working directory to start it in, because its paths may be relative. */
  readonly directory: string;
  readonly leadingArguments: readonly string[];
}

/** bubblewrap of the machine itself. */
const hostTool: SandboxTool = {command: 'bwrap', directory: '/', leadingArguments: []};

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
  };
}

/** bubblewrap with its arguments as a process. `stdio` are the open files that it is given. */
export function sandboxProcess(
  {command, directory, leadingArguments}: SandboxTool,
  argv: readonly string[],
  stdio: ProcessRun['stdio'],
): Pick<ProcessRun, 'argv' | 'cwd' | 'environment' | 'stdio' | 'isSandbox'> {
  // bubblewrap reads arguments from these, of which there are none, and closes them.
  const closed = inheritedFiles().filter((number) => number >= stdio.length);
  return {
    argv: [
      command,
      ...leadingArguments,
      ...closed.flatMap((number) => ['--args', String(number)]),
      ...argv,
    ],
    cwd: directory,
    environment: {},
    stdio,
    isSandbox: true,
  };
}

/**
 * The namespaces, identity and limits of the sandbox contract, before any mount. Does not include a separate session:
 * see `Executor.attach`.
 */
export const isolationArguments: readonly string[] = [
  ...['--unshare-user', '--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts'],
  ...['--unshare-cgroup-try', '--uid', '1000', '--gid', '1000', '--hostname', 'ampoule'],
  ...['--cap-drop', 'ALL', '--die-with-parent', '--clearenv'],
];

/**
 * Finds a working bubblewrap and makes the named pipe of the job slots with it: the image's or, if the kernel refuses
 * user namespaces to that one, the host's, which may be setuid or have a profile that allows it.
 * @param directory an empty host directory; the pipe is `jobs` in it.
 * @param owner the prefix of the marks of processes, see `newMark`.
 * @throws SandboxUnavailableError with the setting that forbids it.
 */
export async function prepareSandboxTool(
  sandboxImagePath: string,
  directory: string,
  owner: string,
): Promise<SandboxTool> {
  await mkdir(directory, {recursive: true});
  const refusals: string[] = [];
  for (const tool of [imageSandboxTool(sandboxImagePath), hostTool]) {
    const refusal = await tryTool(tool, {sandboxImagePath, directory, owner});
    if (refusal === undefined) return tool;
    refusals.push(`  ${path.basename(tool.leadingArguments.at(-1) ?? tool.command)}: ${refusal}`);
  }
  throw new SandboxUnavailableError(
    'The sandbox cannot be started. Wanted: a user namespace from this kernel; got:\n' +
      `${refusals.join('\n')}\n` +
      'Look at these settings: kernel.apparmor_restrict_unprivileged_userns (wanted 0), ' +
      'user.max_user_namespaces (wanted more than 0), kernel.unprivileged_userns_clone (wanted 1); ' +
      'in a container, allow user namespaces.\n' +
      'Next: `ampoule doctor` shows which of them forbids it.',
  );
}

async function tryTool(
  tool: SandboxTool,
  {sandboxImagePath, directory, owner}: Record<'sandboxImagePath' | 'directory' | 'owner', string>,
): Promise<string | undefined> {
  const argv = [
    ...isolationArguments,
    ...[
      '--new-session',
      '--ro-bind',
      path.join(sandboxImagePath, 'usr'),
      '/usr',
      '--bind',
      directory,
      '/out',
    ],
    // With the same isolation as an execution, so that success here means success there.
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...['--', '/usr/bin/busybox', 'mkfifo', '-m', '0666', '/out/jobs'],
  ];
  let complaint = '';
  const run: ProcessRun = {
    ...sandboxProcess(tool, argv, ['ignore', 'ignore', 'pipe']),
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
