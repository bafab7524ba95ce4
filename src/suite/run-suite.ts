import pLimit from 'p-limit';
import type {DistributionUnderTest} from './distribution-under-test.js';
import type {ExpectedFailure} from './expected-failures.js';
import {runModule, type SuiteOptions, type SuiteRunner} from './run-module.js';
import {judge, unexpectedFailuresOf, type ModuleResult, type SuiteReport} from './suite-result.js';

/** A module has ended. */
export interface ModuleEnded {
  readonly result: ModuleResult;
  /** How many have ended, including this one. */
  readonly done: number;
  readonly total: number;
  /** Whether it had failed before and was run again alone. */
  readonly isSecondRun: boolean;
}

/** What is run, how, and the listener. */
export interface SuiteRun {
  readonly modules: readonly string[];
  readonly jobs: number;
  /** The entries that apply to this archive and user. */
  readonly expected: readonly ExpectedFailure[];
  readonly options: SuiteOptions;
  readonly onModule: (event: ModuleEnded) => void;
}

/**
 * Runs modules of the tests, several at once. One that fails unexpectedly is run again alone at the end, as CPython's
 * own builders do: many tests measure time, and a busy machine is not a fault of the distribution. The second run
 * counts.
 * @throws the signal's reason when it aborts.
 */
export async function runSuite(
  distribution: DistributionUnderTest,
  run: SuiteRun,
  runner: SuiteRunner,
): Promise<SuiteReport> {
  const results = new Map<string, ModuleResult>();
  const total = run.modules.length;
  const hanging = run.expected.filter(({isHanging}) => isHanging).flatMap(({tests}) => tests);
  const one = async (module: string, isSecondRun: boolean): Promise<ModuleResult> => {
    const leftOut = hanging.filter((name) => name.startsWith(`test.${module}.`));
    const result = await runModule(distribution, {module, leftOut}, run.options, runner);
    results.set(module, result);
    run.onModule({result, done: results.size, total, isSecondRun});
    return result;
  };
  const limit = pLimit(run.jobs);
  // All of them, even if one fails: nothing may still run when this function ends.
  const ends = await Promise.allSettled(run.modules.map((module) => limit(one, module, false)));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  const isSurprising = (result: ModuleResult) =>
    unexpectedFailuresOf(result, run.expected).length > 0;
  const passedAgain: string[] = [];
  for (const {module} of [...results.values()].filter(isSurprising)) {
    if (!isSurprising(await one(module, true))) passedAgain.push(module);
  }
  const inOrder = run.modules.flatMap((module) => results.get(module) ?? []);
  return judge(inOrder, run.expected, passedAgain);
}
