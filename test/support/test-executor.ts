import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {ArtifactReference, Executor} from '../../src/executor/executor.js';
import {LocalExecutor} from '../../src/executor/local/local-executor.js';
import {testImages} from './images.js';

/** An executor on real images, and what tests need beside it. */
export interface TestExecutor extends AsyncDisposable {
  readonly executor: Executor;
  /** The tiny image of the fixtures. */
  readonly rootfs: ArtifactReference;
  /** A host folder that executions can be given files from. */
  readonly temporaryPath: string;
}

/** The `local` executor with four job slots. */
export async function openLocalTestExecutor(): Promise<TestExecutor> {
  const {store, sandbox, tiny} = await testImages();
  const temporaryPath = path.join(store.temporaryPath, 'contract tests');
  await mkdir(temporaryPath, {recursive: true});
  const executor = await LocalExecutor.open({
    sandboxImagePath: sandbox.hostPath,
    temporaryPath,
    owner: 'test',
    jobs: 4,
  });
  return {
    executor,
    rootfs: tiny,
    temporaryPath,
    [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
  };
}
