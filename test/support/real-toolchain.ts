import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {defaultStore} from '../../src/builder/default-store.js';
import {loadProject} from '../../src/builder/load-project.js';
import {openSession, type Session} from '../../src/builder/session.js';
import {matchStage} from '../../src/builder/find-stage.js';
import {partOf} from '../../src/builder/part-of.js';
import {InternalError, valueOrThrow} from '../../src/core/errors.js';
import type {StageId} from '../../src/core/stage-id.js';
import type {Execution, ExecutionMount, Executor} from '../../src/executor/executor.js';
import {runGraph} from '../../src/scheduler/scheduler.js';
import {localTree, type LocalTree} from './local-tree.js';
import {planDistribution} from '../../src/stages/plan.js';
import {planToolchain, usualToolchain} from '../../src/stages/toolchain-stages.js';
import {buildMachine} from '../../src/core/build-machine.js';

/** Stages of the toolchain `bootstrap`, made in the user's store as `ampoule toolchain` would. */
export interface RealToolchain extends AsyncDisposable {
  readonly session: Session;
  readonly executor: Executor;
  /** A folder on the store's file system. */
  readonly scratch: string;
  /** The artifact of a stage that was asked for, or that one of those needs. */
  readonly artifact: (name: string) => LocalTree;
  /** Runs shell lines in an image; what they print. Throws when they fail. */
  readonly run: (
    rootfs: LocalTree,
    script: string,
    inputs?: {readonly mounts?: readonly ExecutionMount[]; readonly sources?: Execution['sources']},
  ) => Promise<SandboxRun>;
}

/** How shell lines ended in the sandbox. */
export interface SandboxRun {
  readonly output: string;
  /** Host folder of what was left in `/out`. */
  readonly outPath: string;
}

/** Makes the named stages, of the toolchain or of a distribution built with it, and all that they need. */
export async function openRealToolchain(names: readonly string[]): Promise<RealToolchain> {
  const options = {
    toolchain: 'bootstrap',
    sources: 'auto',
    executor: 'local',
    jobs: 2,
    store: process.env['AMPOULE_STORE'] ?? defaultStore() ?? '',
    progress: 'quiet',
  } as const;
  const project = await loadProject();
  const session = await openSession(options, project, new AbortController().signal);
  const sourceSet = await session.chooseSourceSet();
  // Only what is asked for is built.
  const everything = {sourceSet, ...usualToolchain(buildMachine), hasBolt: true};
  const plan = valueOrThrow(planToolchain(project, everything));
  const request = {
    python: '3.14',
    target: 'x86_64-unknown-linux-gnu',
    options: 'noopt',
    sourceSet,
    toolchain: options.toolchain,
    glibc: undefined,
    releaseEpoch: undefined,
  } as const;
  const distribution = valueOrThrow(planDistribution(project, request));
  const made = new Map<StageId, LocalTree>();
  for (const name of names) {
    const {graph} = name.startsWith('toolchain/') ? plan : distribution;
    const outcome = await runGraph(partOf(graph, [name]), session.resources);
    for (const [stage, end] of outcome) {
      if (end.kind === 'failed') throw end.error;
      if (end.kind !== 'built' && end.kind !== 'restored') throw new InternalError(stage);
      const {artifact} = end;
      made.set(stage, localTree(artifact, await session.store.materialise(artifact)));
    }
  }
  const scratch = await mkdtemp(path.join(session.store.temporaryPath, 'test-'));
  const executor = await session.resources.executor();
  return {
    session,
    executor,
    scratch,
    artifact: (name) => {
      const reference = made.get(matchStage(name, [...made.keys()]));
      if (reference === undefined) throw new InternalError(`${name} was not asked for`);
      return reference;
    },
    run: async (rootfs, script, {mounts = [], sources = new Map()} = {}) => {
      const workspace = await mkdtemp(path.join(scratch, 'work-'));
      let output = '';
      const exit = await executor.run(
        {
          ...{rootfs, mounts, sources},
          argv: ['/bin/sh', '-euc', script],
          environment: {PATH: '/tools/bin:/usr/bin', LC_ALL: 'C', HOME: '/build', TMPDIR: '/tmp'},
        },
        workspace,
        {jobs: 2},
        (chunk) => (output += Buffer.from(chunk).toString()),
        new AbortController().signal,
      );
      if (exit.kind !== 'exited' || exit.code !== 0) {
        throw new Error(`ended with ${JSON.stringify(exit)}:\n${output}`);
      }
      return {output, outPath: path.join(workspace, 'out')};
    },
    [Symbol.asyncDispose]: async () => {
      await rm(scratch, {recursive: true, force: true});
      await session[Symbol.asyncDispose]();
    },
  };
}
