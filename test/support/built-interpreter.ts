import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {makePlan, makeVariants} from '../../src/builder/make-plan.js';
import {partOf} from '../../src/builder/part-of.js';
import {InternalError} from '../../src/core/errors.js';
import {compileEnvironment} from '../../src/recipe/environment.js';
import {runGraph} from '../../src/scheduler/scheduler.js';
import {libraryPartsOf} from '../../src/stages/library-parts.js';
import {stageNames} from '../../src/stages/names.js';
import {openStoreSession, treesOf} from './store-session.js';

/** An interpreter that was built in the user's store, below `/in` of sandboxes with the compiler's runtimes. */
export interface BuiltInterpreter extends AsyncDisposable {
  /** Runs shell lines as a stage of this interpreter would, with these files in `/src`. */
  readonly run: (
    script: string,
    files?: Readonly<Record<string, string>>,
  ) => Promise<{readonly code: string; readonly output: string}>;
}

/** Builds CPython with these options, and all that it needs; what the store has is restored. */
export async function buildInterpreter(buildOptions: string): Promise<BuiltInterpreter> {
  const {options, project, session} = await openStoreSession({options: buildOptions});
  const sourceSet = await session.chooseSourceSet();
  const [variant] = makeVariants(project, options, sourceSet);
  if (variant === undefined) throw new InternalError(`no variant for ${buildOptions}`);
  const names = stageNames(variant, libraryPartsOf(project));
  const {graph} = makePlan(project, options, sourceSet);
  const outcome = await runGraph(partOf(graph, [names.cpython]), session.resources);
  const tree = treesOf(outcome, session);
  const rootfs = await tree(names.instrumentRootfs);
  const mounts = [
    {guestPath: '/sysroot', artifacts: [await tree(names.sysroot)]},
    {guestPath: '/in', artifacts: [await tree(names.cpython)]},
  ];
  const environment = compileEnvironment(variant, {part: 'cpython', sourceDateEpoch: 0});
  const executor = await session.resources.executor();
  const scratch = await mkdtemp(path.join(session.store.temporaryPath, 'test-'));
  return {
    run: async (script, files = {}) => {
      let output = '';
      const sources = Object.entries(files).map(
        ([name, text]) => [name, {kind: 'text', text}] as const,
      );
      const exit = await executor.run(
        {
          ...{rootfs, mounts, environment, sources: new Map(sources)},
          argv: ['/bin/sh', '-euc', script],
        },
        await mkdtemp(path.join(scratch, 'work-')),
        {jobs: 2},
        (chunk) => (output += Buffer.from(chunk).toString()),
        new AbortController().signal,
      );
      return {code: exit.kind === 'exited' ? String(exit.code) : exit.kind, output};
    },
    [Symbol.asyncDispose]: async () => {
      await rm(scratch, {recursive: true, force: true});
      await session[Symbol.asyncDispose]();
    },
  };
}
