import {rm} from 'node:fs/promises';
import path from 'node:path';
import {BuildError} from '../../core/errors.js';
import {describeExit} from '../../scheduler/errors.js';
import {dueStep, noteExpected, type DueStep} from './build-folder.js';
import {expectedConfiguration} from './expected-configuration.js';
import {
  interpreterEnvironment,
  runBeside,
  type DevelopCommand,
  type DevelopWork,
} from './tree-sandbox.js';

/** The target of make that is up to date as soon as the build folder is configured. */
export const configuredTarget = 'Makefile';

/**
 * Configures the build folder if that is due, and makes targets there; its output goes to standard error. The caller
 * holds the lock of the folder.
 * @returns false if the signal stopped it.
 * @throws DevelopError if it failed.
 */
export async function makeTree(work: DevelopWork, targets: readonly string[]): Promise<boolean> {
  return runMake(work, {targets, step: await prepareStep(work)});
}

/**
 * Makes targets that write into the tree, in the image of the plan's commands. Configures before, in the image that
 * compiles: configure looks for programs. The caller holds the locks of the folder and of the tree.
 * @returns and throws as `makeTree` does.
 */
export async function regenerate(work: DevelopWork, targets: readonly string[]): Promise<boolean> {
  const step = await prepareStep(work);
  if (step !== 'make' && !(await runMake(work, {targets: [configuredTarget], step}))) return false;
  return runMake(work, {
    ...{targets: [...targets, 'PYTHON_FOR_REGEN=python3'], step: 'make'},
    ...{rootfs: work.plan.commandImage, isTreeWritable: true},
  });
}

/** Finds the first step that is due, and says why if it is more than usual. */
async function prepareStep(work: DevelopWork): Promise<DueStep['step']> {
  const {artifactOf, build, plan, session, tree} = work;
  const expected = await expectedConfiguration(plan, tree, artifactOf);
  const {step, changed} = await dueStep(build, expected);
  if (changed.length > 0) {
    const message = `configuring again: changed are ${changed.join(', ')}`;
    session.resources.onEvent({type: 'notice', message});
  }
  if (step !== 'make') await noteExpected(build, expected);
  // From here on nothing counts as configured until it is.
  if (step === 'clean') await rm(path.join(build.state, 'inputs'), {force: true});
  return step;
}

interface MakeRun extends Pick<DevelopCommand, 'rootfs' | 'isTreeWritable'>, Pick<DueStep, 'step'> {
  readonly targets: readonly string[];
}

async function runMake(work: DevelopWork, {step, targets, ...command}: MakeRun): Promise<boolean> {
  const {build, plan, tree} = work;
  const given = [...(work.isQuiet ? ['-s'] : []), ...targets];
  const exit = await runBeside(work, {
    ...command,
    argv: ['/bin/sh', '-c', `exec >&2\n${plan.stage.script}`, 'develop', ...given],
    environment: {
      ...plan.stage.environment,
      ...interpreterEnvironment(work),
      HOME: path.join(build.state, 'home'),
      PYTHON_TREE: build.tree,
      PYTHON_STATE: build.state,
      PYTHON_DUE: step,
    },
  });
  if (exit.kind === 'cancelled') return false;
  if (exit.kind === 'exited' && exit.code === 0) return true;
  throw new DevelopError(
    `making ${tree} in ${build.path} failed with ${describeExit(exit)}.\n` +
      'The reason is above. Change the tree, then run the same command again: what is made already is kept.',
  );
}

/** A developer's tree could not be made. */
export class DevelopError extends BuildError {
  override readonly name = 'DevelopError';
  readonly code = 'E_DEVELOP';
}
