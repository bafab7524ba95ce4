import type {Container} from 'dockerode';
import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import type {
  ArtifactReference,
  AttachLimits,
  Execution,
  ExecutionLimits,
  Executor,
  Exit,
  JobPool,
  StageLimits,
} from '../executor.js';
import {FifoJobPool, pipeNames} from '../fifo-job-pool.js';
import {MemoryJobPool} from '../memory-job-pool.js';
import {makeflagsOfPipe, prepareWorkspace} from '../workspace.js';
import {checkLimits} from './check-limits.js';
import {clearLeftovers} from './clear-leftovers.js';
import {ask, type Engine} from './engine.js';
import {withContainer} from './helper.js';
import {ensureImage} from './import-image.js';
import type {RunOwner} from './labels.js';
import {followOutput} from './output.js';
import {attachPerson, type PersonStreams} from './person.js';
import {probeNeighbourhood, type Neighbourhood} from './probe.js';
import {containerOptions, type OutputKind} from './stage-container.js';
import {placeProfile, type PlacedProfile} from './seccomp-profile.js';
import {superviseContainer, unlessAbandoned} from './supervise.js';
import {mountWorkspace} from './workspace-mounts.js';

/** Settings of a docker executor. */
export interface DockerExecutorOptions {
  readonly engine: Engine;
  /** The unpacked `docker/sandbox` image: its busybox probes what the engine sees of this machine. */
  readonly helperImage: ArtifactReference;
  /** A host directory of the store's file system. */
  readonly temporaryPath: string;
  readonly jobs: number;
  readonly stageLimits: StageLimits;
  readonly owner: RunOwner;
  /** This process, as part of names in `temporaryPath`, so that later runs can clean up after a crash. */
  readonly processName: string;
  readonly person: PersonStreams;
}

/** One command in a container: the differences between `run` and `attach`. */
interface Command {
  readonly execution: Execution;
  readonly workspacePath: string;
  readonly limits: ExecutionLimits;
  readonly output: OutputKind;
  readonly signal: AbortSignal;
  /** Called with the container before it starts. The result is notified of the start and ends with the output. */
  readonly follow: (container: Container) => Promise<Following>;
}

interface Following extends Partial<AsyncDisposable> {
  readonly started?: () => Promise<void>;
  readonly ended: Promise<void>;
}

/** Runs executions in containers of a Docker engine, or of podman's Docker-compatible service. */
export class DockerExecutor implements Executor {
  /** By digest, so that concurrent stages import a root file system once. */
  private readonly images = new Map<string, Promise<string>>();

  private constructor(
    private readonly options: DockerExecutorOptions,
    private readonly directory: string,
    private readonly helperImage: string,
    private readonly profile: PlacedProfile,
    /** What the engine sees of this machine. */
    readonly near: Neighbourhood,
    readonly jobs: JobPool,
  ) {}

  /**
   * Removes what killed runs left on the engine, and probes what the engine sees of this machine.
   * @throws EngineUnfitError when it cannot enforce a requested limit.
   */
  static async open(options: DockerExecutorOptions, signal: AbortSignal): Promise<DockerExecutor> {
    const {stageLimits, engine, owner, temporaryPath} = options;
    await checkLimits(engine, stageLimits);
    await clearLeftovers(engine, owner, 'remove');
    const image = await ensureImage(engine, options.helperImage, signal);
    const directory = await mkdtemp(path.join(temporaryPath, `${options.processName}-executor-`));
    let profile: PlacedProfile | undefined;
    try {
      const pipes = pipeNames(options.jobs);
      const near = await probeNeighbourhood({engine, image, owner, directory, pipes});
      profile = await placeProfile(directory, {engine, image, owner, signal});
      const jobs =
        near.pipePaths === undefined
          ? new MemoryJobPool(options.jobs)
          : new FifoJobPool(near.pipePaths, options.jobs);
      return new DockerExecutor(options, directory, image, profile, near, jobs);
    } catch (error) {
      await profile?.[Symbol.asyncDispose]();
      await rm(directory, {recursive: true, force: true});
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.jobs instanceof FifoJobPool) this.jobs[Symbol.dispose]();
    await this.profile[Symbol.asyncDispose]();
    await rm(this.directory, {recursive: true, force: true});
  }

  run(
    execution: Execution,
    workspacePath: string,
    limits: ExecutionLimits,
    onOutput: (chunk: Uint8Array) => void,
    signal: AbortSignal,
  ): Promise<Exit> {
    const follow = (container: Container) => followOutput(this.options.engine, container, onOutput);
    return this.execute({
      ...{execution, workspacePath, limits, signal},
      output: 'together',
      follow,
    });
  }

  attach(
    execution: Execution,
    workspacePath: string,
    limits: AttachLimits,
    signal: AbortSignal,
  ): Promise<Exit> {
    const {hasTerminal} = limits;
    const follow = (container: Container) =>
      attachPerson(this.options.engine, container, this.options.person, hasTerminal);
    const output = hasTerminal ? 'terminal' : 'apart';
    return this.execute({execution, workspacePath, limits, signal, output, follow});
  }

  private async execute(command: Command): Promise<Exit> {
    const isStopped = (): boolean => command.signal.aborted;
    if (isStopped()) return {kind: 'cancelled'};
    try {
      return await unlessAbandoned(this.prepareAndRun(command), command.signal);
    } catch (error) {
      if (isStopped()) return {kind: 'cancelled'};
      throw error;
    }
  }

  private async prepareAndRun(command: Command): Promise<Exit> {
    const {execution, limits, output, signal, workspacePath} = command;
    const {stageLimits, engine, owner} = this.options;
    const inputs = await prepareWorkspace(execution, workspacePath);
    const image = await this.imageOf(execution.rootfs, signal);
    const {keepsBuild, keepsWork, outputBytes} = limits;
    using pipe = this.jobs instanceof FifoJobPool ? this.jobs.lend() : undefined;
    const settings = {
      ...{engine, image: this.helperImage, owner, signal},
      ...(pipe !== undefined && {pipePath: pipe.path}),
      ...(keepsBuild !== undefined && {keepsBuild}),
      ...(keepsWork !== undefined && {keepsWork}),
      ...(outputBytes !== undefined && {outputBytes}),
    };
    await using workspace = await mountWorkspace(workspacePath, inputs, this.near, settings);
    const {mounts} = workspace;
    const makeflags = pipe === undefined ? `-j${limits.jobs}` : makeflagsOfPipe;
    const seccomp = this.profile.option;
    const stage = {execution, limits, stageLimits, mounts, makeflags, owner, output, seccomp};
    return await withContainer(engine, containerOptions(engine, image, stage), async (container) => {
      await workspace.bring(container);
      const exit = await this.start(container, command);
      await workspace.collect(container, exit);
      return exit;
    });
  }

  private async start(container: Container, {follow, signal}: Command): Promise<Exit> {
    const {stageLimits, engine} = this.options;
    const {memoryBytes} = stageLimits;
    const following = await ask(engine, 'a container was attached to', () => follow(container));
    try {
      await ask(engine, 'a container was started', () => container.start());
      await following.started?.();
      const {ended: outputEnded} = following;
      return await superviseContainer(container, {engine, outputEnded, signal, memoryBytes});
    } finally {
      await following[Symbol.asyncDispose]?.();
    }
  }

  private imageOf(rootfs: ArtifactReference, signal: AbortSignal): Promise<string> {
    const known = this.images.get(rootfs.digest);
    if (known !== undefined) return known;
    const made = ensureImage(this.options.engine, rootfs, signal);
    this.images.set(rootfs.digest, made);
    // A later stage may try again.
    made.catch(() => this.images.delete(rootfs.digest));
    return made;
  }
}
