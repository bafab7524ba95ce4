import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {makePlan} from '../../src/builder/make-plan.js';
import {valueOrThrow} from '../../src/core/errors.js';
import {compileEnvironment} from '../../src/recipe/environment.js';
import {buildGraph} from '../../src/graph/graph.js';
import {runGraph} from '../../src/scheduler/scheduler.js';
import type {LocalTree} from './local-tree.js';
import {openStoreSession, treesOf} from './store-session.js';
import {x86Target} from './targets.js';

/** The real build image and the real sysroot with a floor, made in the user's store as a build would. */
export interface RealSysroot extends AsyncDisposable {
  readonly rootfs: LocalTree;
  /** The suite's packages as they are. */
  readonly suite: LocalTree;
  readonly sysroot: LocalTree;
  /** A folder on the store's file system. */
  readonly scratch: string;
  /** Runs shell lines in the build image as a stage of CPython would, with the file `/src/program.c`. */
  readonly build: (
    script: string,
    program: string,
    trees?: {readonly rootfs?: LocalTree; readonly sysroot?: LocalTree},
  ) => Promise<SandboxBuild>;
}

/** How shell lines ended in the sandbox. */
export interface SandboxBuild {
  /** The exit code, or how else it ended. */
  readonly code: string;
  readonly output: string;
  /** Host folder of what was left in `/out`. */
  readonly outPath: string;
}

/** Makes the sysroot of x86_64 with this floor; what the store has is restored. */
export async function openRealSysroot(glibc: string): Promise<RealSysroot> {
  const {options, project, session} = await openStoreSession({
    target: x86Target.triple,
    sources: 'upstream',
    glibc,
  });
  const {graph} = makePlan(project, options, 'upstream');
  const ids = {
    rootfs: 'rootfs/build',
    suite: `suite/${options.target}`,
    texts: `glibc-floor/${options.target}.${glibc}`,
    sysroot: `sysroot/${options.target}.${glibc}`,
  };
  const wanted = Object.values(ids).flatMap((id) => graph.stages.get(id) ?? []);
  const outcome = await runGraph(valueOrThrow(buildGraph(wanted)), session.resources);
  const tree = treesOf(outcome, session);
  const scratch = await mkdtemp(path.join(session.store.temporaryPath, 'test-'));
  const [rootfs, sysroot] = [await tree(ids.rootfs), await tree(ids.sysroot)];
  const executor = await session.resources.executor();
  const environment = compileEnvironment(
    {
      target: x86Target,
      sourceSet: 'upstream',
      toolchain: options.toolchain,
      glibcFloor: glibc,
    },
    {part: 'cpython', sourceDateEpoch: 0},
  );
  return {
    rootfs,
    suite: await tree(ids.suite),
    sysroot,
    scratch,
    build: async (script, program, trees = {}) => {
      const workspace = await mkdtemp(path.join(scratch, 'work-'));
      let output = '';
      const exit = await executor.run(
        {
          rootfs: trees.rootfs ?? rootfs,
          mounts: [{guestPath: '/sysroot', artifacts: [trees.sysroot ?? sysroot]}],
          sources: new Map([['program.c', {kind: 'text', text: program}]]),
          argv: ['/bin/sh', '-euc', script],
          environment,
        },
        workspace,
        {jobs: 1},
        (chunk) => (output += Buffer.from(chunk).toString()),
        new AbortController().signal,
      );
      const code = exit.kind === 'exited' ? String(exit.code) : exit.kind;
      return {code, output, outPath: path.join(workspace, 'out')};
    },
    [Symbol.asyncDispose]: async () => {
      await rm(scratch, {recursive: true, force: true});
      await session[Symbol.asyncDispose]();
    },
  };
}
