import {randomUUID} from 'node:crypto';
import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {PassThrough, Readable} from 'node:stream';
import {DockerExecutor} from '../../src/executor/docker/docker-executor.js';
import type {EngineCandidate} from '../../src/executor/docker/engine-address.js';
import {connectEngine, type Engine} from '../../src/executor/docker/engine.js';
import type {RunOwner} from '../../src/executor/docker/labels.js';
import type {PersonStreams} from '../../src/executor/docker/person.js';
import type {Executor, StageLimits} from '../../src/executor/executor.js';
import {LocalExecutor} from '../../src/executor/local/local-executor.js';
import {testImages} from './images.js';
import type {LocalTree} from './local-tree.js';

/** An executor on real images, and what tests need beside it. */
export interface TestExecutor extends AsyncDisposable {
  readonly executor: Executor;
  /** The tiny image of the fixtures. */
  readonly rootfs: LocalTree;
  /** How many jobs two makes run at most that may each run three, with four slots. */
  readonly mostJobs: number;
  /** A host folder that executions can be given files from. */
  readonly temporaryPath: string;
  /** Names of the containers that there are, running or not; none where no engine runs them. */
  containers(): Promise<readonly string[]>;
}

/** The `local` executor with four job slots. */
export async function openLocalTestExecutor(
  stageLimits: StageLimits = {},
): Promise<TestExecutor & {readonly executor: LocalExecutor}> {
  const {store, sandbox, tiny} = await testImages();
  const temporaryPath = path.join(store.temporaryPath, 'contract tests');
  await mkdir(temporaryPath, {recursive: true});
  const executor = await LocalExecutor.open({
    sandboxImagePath: sandbox.hostPath,
    temporaryPath,
    owner: 'test',
    isOfDead: () => Promise.resolve(false),
    jobs: 4,
    stageLimits,
  });
  return {
    executor,
    rootfs: tiny,
    mostJobs: executor.jobs.size,
    temporaryPath,
    containers: () => Promise.resolve([]),
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}

/** What a test sets of a docker executor; the rest is as usual. */
export interface DockerTestOptions {
  readonly candidate: EngineCandidate;
  readonly stageLimits?: StageLimits;
  readonly owner?: RunOwner;
  readonly person?: PersonStreams;
}

/** The `docker` executor with four job slots, on an engine of the tests. */
export async function openDockerTestExecutor(
  options: DockerTestOptions,
): Promise<TestExecutor & {readonly executor: DockerExecutor; readonly engine: Engine}> {
  const {store, sandbox, tiny} = await testImages();
  const temporaryPath = path.join(store.temporaryPath, 'contract tests');
  await mkdir(temporaryPath, {recursive: true});
  const engine = await connectEngine(options.candidate);
  const executor = await DockerExecutor.open(
    {
      ...{engine, helperImage: sandbox, temporaryPath, processName: 'test', jobs: 4},
      stageLimits: options.stageLimits ?? {},
      owner: options.owner ?? {
        text: randomUUID(),
        machine: 'here',
        isDead: () => Promise.resolve(false),
      },
      person: options.person ?? {
        input: Readable.from([]),
        output: new PassThrough().resume(),
        errors: new PassThrough().resume(),
      },
    },
    new AbortController().signal,
  );
  return {
    executor,
    engine,
    rootfs: tiny,
    // No pipe leads to another machine: each make there has slots of its own.
    mostJobs: executor.near.pipePaths === undefined ? 6 : executor.jobs.size,
    temporaryPath,
    containers: async () => {
      const containers = await engine.docker.listContainers({all: true});
      return containers.map(({Id: id}) => id);
    },
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}
