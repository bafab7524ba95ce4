import type {ChildProcess} from 'node:child_process';
import {mkdtemp, open, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Duplex} from 'node:stream';
import {InternalError} from '../../core/errors.js';
import type {AttachLimits, Execution, ExecutionLimits, Executor, Exit} from '../executor.js';
import {FifoJobPool} from '../fifo-job-pool.js';
import {
  environmentArguments,
  jobsGuestPath,
  makeflagsOfPipe,
  prepareWorkspace,
  type PreparedMount,
} from '../workspace.js';
import {killMarked, newMark} from './process-mark.js';
import {runProcess, type ProcessRun} from './run-process.js';
import {
  isolationArguments,
  prepareSandboxTool,
  sandboxProcess,
  type SandboxTool,
} from './sandbox-tool.js';
import {terminalFilter} from './terminal-filter.js';

const killAfterMs = 5000;

/** Removes undeclared variables: those that the shell which sets the umask adds, and bubblewrap's PWD. */
const launcher = 'umask 022; exec /usr/bin/env -i "$@"';

/**
 * Continues only when this process confirms that everything is set up. The processes of bubblewrap request one after
 * the other to be killed with their parents; without this handshake, a kill in between would leave an orphan running.
 */
const gatedLauncher = `echo >&3; read -r _ <&3 || exit 1; exec 3>&-; ${launcher}`;

/** Settings of a local executor. */
export interface LocalExecutorOptions {
  /** Host path of the unpacked `docker/sandbox` image: bubblewrap and busybox. */
  readonly sandboxImagePath: string;
  /** A host directory on the store's file system, for the named pipe of the job slots. */
  readonly temporaryPath: string;
  /** This process, as part of names there and of the marks of processes: see `isOfDead`. */
  readonly owner: string;
  /** Whether something is named after a process that is certainly dead. */
  readonly isOfDead: (name: string) => Promise<boolean>;
  readonly jobs: number;
}

/** Runs executions in Linux namespaces on this machine, by bubblewrap. */
export class LocalExecutor implements Executor {
  private constructor(
    private readonly tool: SandboxTool,
    private readonly directory: string,
    private readonly owner: string,
    readonly jobs: FifoJobPool,
  ) {}

  /**
   * Kills what killed runs left on this machine.
   * @throws SandboxUnavailableError if the kernel refuses namespaces.
   */
  static async open(options: LocalExecutorOptions): Promise<LocalExecutor> {
    const {isOfDead, owner, sandboxImagePath, temporaryPath} = options;
    await killMarked(isOfDead);
    const prefix = path.join(temporaryPath, `${owner}-executor-`);
    const directory = await mkdtemp(prefix);
    try {
      const tool = await prepareSandboxTool(sandboxImagePath, directory, owner);
      const jobs = await FifoJobPool.open(path.join(directory, 'jobs'), options.jobs);
      return new LocalExecutor(tool, directory, owner, jobs);
    } catch (error) {
      await rm(directory, {recursive: true, force: true});
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.jobs[Symbol.asyncDispose]();
    await rm(this.directory, {recursive: true, force: true});
  }

  async run(
    execution: Execution,
    workspacePath: string,
    limits: ExecutionLimits,
    onOutput: (chunk: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<Exit> {
    if (signal.aborted) return {kind: 'cancelled'};
    const argv = [
      ...isolationArguments,
      ...[
        '--new-session',
        ...(await this.arguments(execution, workspacePath, limits, gatedLauncher)),
      ],
    ];
    const onStart = (child: ChildProcess): void => {
      openGate(child, signal);
      child.stdout?.on('data', onOutput);
      child.stderr?.on('data', onOutput);
    };
    return this.start(argv, ['ignore', 'pipe', 'pipe', 'pipe'], {onStart}, signal);
  }

  async attach(
    execution: Execution,
    workspacePath: string,
    limits: AttachLimits,
    signal: AbortSignal,
  ): Promise<Exit> {
    if (signal.aborted) return {kind: 'cancelled'};
    const inner = await this.arguments(execution, workspacePath, limits, launcher);
    if (!limits.hasTerminal) {
      const argv = [...isolationArguments, '--new-session', ...inner];
      return this.start(argv, ['inherit', 'inherit', 'inherit'], {}, signal);
    }
    // A separate session has no terminal. In the terminal's session, the sandbox must not inject input.
    const filterPath = path.join(workspacePath, 'terminal-filter');
    await writeFile(filterPath, terminalFilter());
    await using filter = await open(filterPath);
    const argv = [...isolationArguments, '--seccomp', '3', ...inner];
    const stdio = ['inherit', 'inherit', 'inherit', filter.fd] as const;
    return await this.start(argv, stdio, {usesTerminal: true}, signal);
  }

  private start(
    argv: readonly string[],
    stdio: ProcessRun['stdio'],
    settings: Pick<ProcessRun, 'onStart' | 'usesTerminal'>,
    signal: AbortSignal,
  ): Promise<Exit> {
    const mark = newMark(this.owner);
    const sandbox = sandboxProcess(this.tool, argv, stdio);
    return runProcess({...sandbox, ...settings, mark, killAfterMs}, signal);
  }

  /** The arguments after bubblewrap's isolation: mounts, environment, command. */
  private async arguments(
    execution: Execution,
    workspacePath: string,
    limits: ExecutionLimits,
    start: string,
  ): Promise<readonly string[]> {
    const mounts = await prepareWorkspace(execution, workspacePath);
    const rootfsPath = await execution.rootfs.materialise();
    return [
      ...this.mountArguments(rootfsPath, mounts, workspacePath),
      ...['--chdir', '/build', '--', '/bin/sh', '-c', start, 'launcher'],
      ...environmentArguments(execution, limits, makeflagsOfPipe),
      ...execution.argv,
    ];
  }

  private mountArguments(
    rootfsPath: string,
    mounts: readonly PreparedMount[],
    workspacePath: string,
  ): readonly string[] {
    return [
      ...['--ro-bind', rootfsPath, '/', '--tmpfs', '/tmp'],
      ...['--ro-bind', path.join(workspacePath, 'src'), '/src'],
      ...['--bind', path.join(workspacePath, 'build'), '/build'],
      ...['--bind', path.join(workspacePath, 'out'), '/out'],
      ...mounts.flatMap(({hostPath, guestPath}) => ['--ro-bind', hostPath, guestPath]),
      ...['--proc', '/proc', '--dev', '/dev', '--ro-bind', this.jobs.path, jobsGuestPath],
    ];
  }
}

/** Answers the launcher on the fourth stream, a socket; does not answer once the sandbox must not run. */
function openGate(child: ChildProcess, signal: AbortSignal): void {
  const gate = child.stdio[3];
  if (!(gate instanceof Duplex)) throw new InternalError('a pipe was not opened');
  // The process may have ended in the meantime.
  gate.on('error', () => undefined);
  gate.once('data', () => {
    if (signal.aborted) gate.destroy();
    else gate.end('\n');
  });
  // Processes that outlive bubblewrap's outer process were not set up completely.
  child.once('exit', () => gate.destroy());
}
