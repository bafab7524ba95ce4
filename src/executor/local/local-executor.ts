import type {ChildProcess} from 'node:child_process';
import {lstat, mkdir, mkdtemp, open, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Duplex} from 'node:stream';
import {InternalError} from '../../core/errors.js';
import type {
  AttachLimits,
  Execution,
  ExecutionLimits,
  Executor,
  Exit,
  StageLimits,
} from '../executor.js';
import {FifoJobPool, pipeNames} from '../fifo-job-pool.js';
import {giveTree, ownUser} from '../give-tree.js';
import {
  environmentArguments,
  jobsGuestPath,
  makeflagsOfPipe,
  prepareWorkspace,
  type PreparedMount,
} from '../workspace.js';
import {filterProgram} from './filter-program.js';
import {openLimiter, type Limiter} from './limiter.js';
import {folderArguments, rootArguments, type FolderLimits} from './own-folders.js';
import {killMarked, newMark} from './process-mark.js';
import {runProcess, type ProcessRun} from './run-process.js';
import {
  closeNamespaces,
  coverArguments,
  isolationArguments,
  sandboxProcess,
  type SandboxStreams,
  type SandboxTool,
} from './sandbox-process.js';
import {prepareSandboxTool} from './sandbox-tool.js';
import {stageUserId} from './stage-user.js';

const killAfterMs = 5000;

/** The umask of stages, whose outputs must not depend on the person's. */
const stageUmask = 0o022;

/** Removes undeclared variables: those that the shell which sets the umask adds, and bubblewrap's PWD. */
function launcherWith(umask: number): string {
  return `${closeNamespaces}; umask ${umask.toString(8).padStart(3, '0')}; exec /usr/bin/env -i "$@"`;
}

const launcher = launcherWith(stageUmask);

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
  readonly stageLimits: StageLimits;
  /** Whether sandboxes run as the user of this process even if that is root: it works on that user's own folders. */
  readonly keepsUser?: boolean;
}

/** What all sandboxes of an executor share. */
interface Parts {
  readonly tool: SandboxTool;
  /** Arguments that cover what the kernel tells of the machine. */
  readonly covers: readonly string[];
  readonly directory: string;
  readonly filterPath: string;
  readonly owner: string;
  readonly limiter: Limiter;
}

/** Runs executions in Linux namespaces on this machine, by bubblewrap. */
export class LocalExecutor implements Executor {
  private constructor(
    private readonly parts: Parts,
    readonly jobs: FifoJobPool,
  ) {}

  /**
   * Kills what killed runs left on this machine.
   * @throws SandboxUnavailableError if the kernel refuses namespaces.
   */
  static async open(options: LocalExecutorOptions): Promise<LocalExecutor> {
    const {isOfDead, keepsUser, owner, sandboxImagePath, stageLimits, temporaryPath} = options;
    await killMarked(isOfDead);
    const prefix = path.join(temporaryPath, `${owner}-executor-`);
    const directory = await mkdtemp(prefix);
    let tool: SandboxTool | undefined;
    let limiter: Limiter | undefined;
    try {
      const filterPath = path.join(directory, 'filter');
      await writeFile(filterPath, filterProgram());
      const pipes = {names: pipeNames(options.jobs), directory: path.join(directory, 'pipes')};
      await mkdir(pipes.directory);
      tool = await prepareSandboxTool({
        ...{sandboxImagePath, pipes, filterPath, owner},
        ...(keepsUser !== undefined && {keepsUser}),
      });
      const covers = await coverArguments(tool);
      const isRoot = tool.user === undefined && ownUser().uid === 0;
      limiter = await openLimiter(stageLimits, {owner, isOfDead, isRoot});
      const paths = pipes.names.map((name) => path.join(pipes.directory, name));
      const jobs = new FifoJobPool(paths, options.jobs);
      return new LocalExecutor({tool, covers, directory, filterPath, owner, limiter}, jobs);
    } catch (error) {
      await limiter?.[Symbol.asyncDispose]();
      await tool?.user?.[Symbol.asyncDispose]();
      await rm(directory, {recursive: true, force: true});
      throw error;
    }
  }

  /** How limits are enforced, if there are any. */
  get limitMethod(): string | undefined {
    return this.parts.limiter.method;
  }

  /** Why stages run as root, if this process is root and they do. */
  get rootReason(): string | undefined {
    return this.parts.tool.rootReason;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.jobs[Symbol.dispose]();
    await this.parts.limiter[Symbol.asyncDispose]();
    await this.parts.tool.user?.[Symbol.asyncDispose]();
    await rm(this.parts.directory, {recursive: true, force: true});
  }

  async run(
    execution: Execution,
    workspacePath: string,
    limits: ExecutionLimits,
    onOutput: (chunk: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<Exit> {
    if (signal.aborted) return {kind: 'cancelled'};
    using pipe = this.jobs.lend();
    const argv = [
      ...isolationArguments(this.parts.tool),
      ...[
        '--new-session',
        ...(await this.arguments(execution, workspacePath, limits, {
          start: gatedLauncher,
          pipePath: pipe.path,
        })),
      ],
    ];
    const onStart = (child: ChildProcess): void => {
      openGate(child, signal);
      child.stdout?.on('data', onOutput);
      child.stderr?.on('data', onOutput);
    };
    const streams = {standard: ['ignore', 'pipe', 'pipe'], gate: 'pipe'} as const;
    const exit = await this.start(argv, streams, {onStart}, signal);
    const isLent = this.parts.tool.user !== undefined;
    // What others leave is not published.
    if (isLent && exit.kind === 'exited' && exit.code === 0) {
      await giveTree(path.join(workspacePath, 'out'), ownUser());
    }
    return exit;
  }

  async attach(
    execution: Execution,
    workspacePath: string,
    limits: AttachLimits,
    signal: AbortSignal,
  ): Promise<Exit> {
    if (signal.aborted) return {kind: 'cancelled'};
    using pipe = this.jobs.lend();
    const command = {start: launcher, pipePath: pipe.path};
    const inner = await this.arguments(execution, workspacePath, limits, command);
    return await this.startAttached(inner, limits.hasTerminal, signal);
  }

  /**
   * Like `attach`, but with a person's own folders at the paths that they have on this machine, in place of `/src`,
   * `/build` and `/out`. The command starts in the first of them. Needs `keepsUser`.
   * @param mounts what the execution mounts, as `prepareMounts` makes it; several commands can share it.
   */
  async attachToFolders(
    execution: Omit<Execution, 'mounts'>,
    mounts: readonly PreparedMount[],
    limits: FolderLimits,
    signal: AbortSignal,
  ): Promise<Exit> {
    if (signal.aborted) return {kind: 'cancelled'};
    using pipe = this.jobs.lend();
    const inner = [
      ...(await rootArguments(await execution.rootfs.materialise())),
      ...mountsAsArguments(mounts),
      ...folderArguments(limits.folders),
      ...['--proc', '/proc', '--dev', '/dev', ...this.parts.covers],
      ...['--ro-bind', pipe.path, jobsGuestPath, '--remount-ro', '/'],
      ...[
        '--chdir',
        limits.folders[0].path,
        ...this.commandArguments(execution, limits, launcherWith(limits.umask)),
      ],
    ];
    return await this.startAttached(inner, limits.hasTerminal, signal);
  }

  private async startAttached(
    inner: readonly string[],
    usesTerminal: boolean,
    signal: AbortSignal,
  ): Promise<Exit> {
    const streams = {standard: ['inherit', 'inherit', 'inherit']} as const;
    // A separate session has no terminal. In the terminal's session, the filter keeps the sandbox from typing.
    const session = usesTerminal ? [] : ['--new-session'];
    const argv = [...isolationArguments(this.parts.tool), ...session, ...inner];
    return await this.start(argv, streams, {usesTerminal}, signal);
  }

  private async start(
    argv: readonly string[],
    streams: Omit<SandboxStreams, 'filter'>,
    settings: Pick<ProcessRun, 'onStart' | 'usesTerminal'>,
    signal: AbortSignal,
  ): Promise<Exit> {
    const mark = newMark(this.parts.owner);
    const {filterPath, limiter, tool} = this.parts;
    return limiter.run(mark, async (before) => {
      await using filter = await open(filterPath);
      const sandbox = sandboxProcess(tool, argv, {...streams, filter: filter.fd}, before);
      return await runProcess({...sandbox, ...settings, mark, killAfterMs}, signal);
    });
  }

  /** The arguments after bubblewrap's isolation: mounts, environment, command. */
  private async arguments(
    execution: Execution,
    workspacePath: string,
    limits: ExecutionLimits,
    {start, pipePath}: {readonly start: string; readonly pipePath: string},
  ): Promise<readonly string[]> {
    const mounts = await prepareWorkspace(execution, workspacePath);
    if (this.parts.tool.user !== undefined) {
      for (const name of ['build', 'out']) await lend(path.join(workspacePath, name));
    }
    const rootfsPath = await execution.rootfs.materialise();
    return [
      ...this.mountArguments(rootfsPath, mounts, workspacePath),
      ...['--ro-bind', pipePath, jobsGuestPath],
      ...['--chdir', '/build', ...this.commandArguments(execution, limits, start)],
    ];
  }

  private commandArguments(
    execution: Pick<Execution, 'argv' | 'environment'>,
    limits: ExecutionLimits,
    start: string,
  ): readonly string[] {
    return [
      ...['--', '/bin/sh', '-c', this.parts.limiter.inside + start, 'launcher'],
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
      ...mountsAsArguments(mounts),
      ...['--proc', '/proc', '--dev', '/dev', ...this.parts.covers],
    ];
  }
}

function mountsAsArguments(mounts: readonly PreparedMount[]): readonly string[] {
  return mounts.flatMap(({hostPath, guestPath}) => ['--ro-bind', hostPath, guestPath]);
}

/** Lets the stages' user write in a folder. The content of a kept one is its own already. */
async function lend(folder: string): Promise<void> {
  const {uid} = await lstat(folder);
  if (uid !== stageUserId.uid) await giveTree(folder, stageUserId);
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
