import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {loadProject} from '../../src/cli/load-project.js';
import {makePlan} from '../../src/cli/make-plan.js';
import type {CommonOptions} from '../../src/cli/options.js';
import {openSession} from '../../src/cli/session.js';
import {InternalError, valueOrThrow} from '../../src/core/errors.js';
import type {ArtifactReference, Executor} from '../../src/executor/executor.js';
import {buildGraph} from '../../src/graph/graph.js';
import {runGraph} from '../../src/scheduler/scheduler.js';

/** The real build image and the real sysroot with a floor, made in the user's store as a build would. */
export interface RealSysroot extends AsyncDisposable {
  readonly rootfs: ArtifactReference;
  /** The suite's packages as they are. */
  readonly suite: ArtifactReference;
  readonly sysroot: ArtifactReference;
  readonly executor: Executor;
  /** A folder on the store's file system. */
  readonly scratch: string;
}

/** Makes the sysroot of x86_64 with this floor; what the store has is restored. */
export async function openRealSysroot(glibc: string): Promise<RealSysroot> {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache');
  const options: CommonOptions = {
    target: 'x86_64-unknown-linux-gnu',
    options: 'noopt',
    toolchain: 'debian',
    sources: 'upstream',
    glibc,
    output: 'dist',
    executor: 'local',
    jobs: 2,
    store: process.env['AMPOULE_STORE'] ?? path.join(cache, 'ampoule'),
    progress: 'quiet',
  };
  const project = await loadProject();
  const session = await openSession(options, project, new AbortController().signal);
  const {graph} = makePlan(project, undefined, options, 'upstream');
  const ids = {
    rootfs: 'rootfs/build',
    suite: `suite/${options.target}`,
    texts: `glibc-floor/${options.target}`,
    sysroot: `sysroot/${options.target}`,
  };
  const wanted = Object.values(ids).flatMap((id) => graph.stages.get(id) ?? []);
  const outcome = await runGraph(valueOrThrow(buildGraph(wanted)), session.resources);
  const reference = (id: string): ArtifactReference => {
    const made = outcome.get(id);
    if (made?.kind === 'failed') throw made.error;
    if (made?.kind !== 'built' && made?.kind !== 'restored') throw new InternalError(id);
    return {digest: made.artifact, hostPath: session.store.artifactPath(made.artifact)};
  };
  const scratch = await mkdtemp(path.join(session.store.temporaryPath, 'test-'));
  return {
    rootfs: reference(ids.rootfs),
    suite: reference(ids.suite),
    sysroot: reference(ids.sysroot),
    executor: await session.resources.executor(),
    scratch,
    [Symbol.asyncDispose]: async () => {
      await rm(scratch, {recursive: true, force: true});
      await session[Symbol.asyncDispose]();
    },
  };
}
