import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {ArtifactDigest, Sha256} from '../core/digest.js';
import {BuildError, InternalError} from '../core/errors.js';
import type {EventListener} from '../core/events.js';
import type {StageId} from '../core/stage-id.js';
import type {ArtifactReference, Execution, Executor, SourceFile} from '../executor/executor.js';
import type {HostStage, SandboxStage, Stage} from '../graph/stage.js';
import type {ContentStore, StageLog, Store, Workspace} from '../store/store.js';
import {describeExit, StageFailedError, type RerunOptions} from './errors.js';
import {LineTail} from './line-tail.js';
import {PhaseReader} from './phase-reader.js';

/** What a stage needs in order to run. */
export interface StageResources {
  readonly store: Store;
  /** Opened only if a sandbox stage runs. */
  readonly executor: () => Promise<Executor>;
  readonly jobs: number;
  /** The largest output of a stage: the sum of the sizes of its files. */
  readonly outputLimitBytes?: number;
  /** The work folders of stages with a sandbox are kept, not only those of failed runs. */
  readonly keepsWork?: true;
  readonly signal: AbortSignal;
  readonly onEvent: EventListener;
  /** Options to append to the commands in an error. */
  readonly rerun?: (stage: StageId) => RerunOptions;
}

/** A stage's declared inputs, all available on this host. */
export interface StageInputs {
  readonly artifactOf: (id: StageId) => ArtifactDigest;
  /** Host path of a pinned download. */
  readonly sourcePaths: ReadonlyMap<Sha256, string>;
}

/**
 * Runs a stage in `workspace`, whose `out` then holds its output.
 * @returns whether it finished; false if the signal stopped it.
 * @throws StageFailedError, or another BuildError when the sandbox failed.
 */
export async function runStage(
  stage: Stage,
  inputs: StageInputs,
  workspace: Workspace,
  log: StageLog,
  resources: StageResources,
): Promise<boolean> {
  const tail = new LineTail(40);
  const phaseReader = new PhaseReader();
  const write = (chunk: Uint8Array | string): void => {
    log.write(chunk);
    tail.write(chunk);
    const {phases, lines} = phaseReader.read(chunk);
    for (const {name, ...details} of phases) {
      resources.onEvent({type: 'stage-phase', stage: stage.id, phase: name, ...details});
    }
    resources.onEvent({type: 'stage-output', stage: stage.id, chunk, phaseLines: lines});
  };
  const failed = async (reason: string, options?: ErrorOptions): Promise<StageFailedError> =>
    new StageFailedError(
      stage.id,
      {
        reason,
        logPath: log.path,
        lastLines: tail.lines(),
        workspacePath: workspace.keptPath,
        hasSandbox: stage.kind === 'sandbox',
        space: await resources.store.spaceNotice(),
        rerun: resources.rerun?.(stage.id) ?? {store: '', plan: ''},
      },
      options,
    );

  if (stage.kind === 'sandbox') {
    const executor = await resources.executor();
    const execution = executionOf(stage, inputs, resources.store);
    const limits = {
      jobs: resources.jobs,
      ...(resources.outputLimitBytes !== undefined && {outputBytes: resources.outputLimitBytes}),
      ...(stage.isResumable === true && {keepsBuild: true as const}),
      ...(resources.keepsWork === true && {keepsWork: true as const}),
    };
    const exit = await executor.run(execution, workspace.path, limits, write, resources.signal);
    if (exit.kind === 'cancelled') return false;
    if (exit.kind !== 'exited' || exit.code !== 0) throw await failed(describeExit(exit));
  } else {
    try {
      await runHostFunction(stage, inputs, workspace, write, resources);
    } catch (error) {
      if (resources.signal.aborted) return false;
      if (!(error instanceof BuildError)) throw error;
      throw await failed(error.message, {cause: error});
    }
  }
  return true;
}

async function runHostFunction(
  stage: HostStage,
  inputs: StageInputs,
  workspace: Workspace,
  write: (text: string) => void,
  resources: StageResources,
): Promise<void> {
  const outputPath = path.join(workspace.path, 'out');
  await mkdir(outputPath);
  await stage.function.run(stage.parameters, {
    sources: new Map(
      stage.sources.map((source) => [source.fileName, sourcePath(inputs, source.sha256)]),
    ),
    inputs: new Map(
      await Promise.all(
        Object.entries(stage.inputs).map(
          async ([name, id]) =>
            [name, await resources.store.materialise(inputs.artifactOf(id))] as const,
        ),
      ),
    ),
    digests: new Map(
      Object.entries(stage.inputs).map(([name, id]) => [name, inputs.artifactOf(id)]),
    ),
    ...(stage.places !== undefined && {places: stage.places}),
    outputPath,
    log: (line) => write(`${line}\n`),
    signal: resources.signal,
  });
}

/** The execution that a sandbox stage stands for, with its artifacts as the store has them. */
export function executionOf(
  stage: SandboxStage,
  inputs: StageInputs,
  content: ContentStore,
): Execution {
  const reference = (id: StageId): ArtifactReference => {
    const digest = inputs.artifactOf(id);
    return {digest, materialise: () => content.materialise(digest)};
  };
  const downloads = stage.sources.map((source): [string, SourceFile] => [
    source.fileName,
    {kind: 'path', hostPath: sourcePath(inputs, source.sha256)},
  ]);
  const texts = Object.entries(stage.files).map(([name, text]): [string, SourceFile] => [
    name,
    {kind: 'text', text},
  ]);
  const script = commandOf(stage.script);
  return {
    rootfs: reference(stage.rootfs),
    mounts: stage.mounts.map((mount) => ({
      guestPath: mount.guestPath,
      artifacts: mount.stages.map(reference),
    })),
    sources: new Map([...downloads, ...texts, ...script.files]),
    argv: ['/bin/sh', '-c', script.command],
    environment: stage.environment,
  };
}

/** Linux takes no argument longer than 128 KiB. */
const mostArgumentBytes = 100_000;
/** Hidden, so that scripts that copy all of `/src` do not see it. */
const scriptFile = '.ampoule/script.sh';

/** A script as an argument of `sh -c`; one that is too long becomes a file that the argument reads. */
function commandOf(script: string): {
  readonly command: string;
  readonly files: readonly (readonly [string, SourceFile])[];
} {
  if (Buffer.byteLength(script) <= mostArgumentBytes) return {command: script, files: []};
  return {command: `. /src/${scriptFile}`, files: [[scriptFile, {kind: 'text', text: script}]]};
}

function sourcePath(inputs: StageInputs, digest: Sha256): string {
  const found = inputs.sourcePaths.get(digest);
  if (found === undefined) throw new InternalError(`source ${digest} was not fetched`);
  return found;
}
