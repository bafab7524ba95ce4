import {readFileSync} from 'node:fs';
import path from 'node:path';
import {valueOrThrow} from '../../../src/core/errors.js';
import type {RunHostCommand} from '../../../src/executor/host-command.js';
import {hostCommandRunner} from '../../../src/executor/local/host-command.js';
import type {DistributionUnderTest} from '../../../src/suite/distribution-under-test.js';
import {
  expectedFor,
  parseExpectedFailures,
  type ExpectedFailure,
} from '../../../src/suite/expected-failures.js';
import type {SuiteRunner} from '../../../src/suite/run-module.js';
import {runSuite} from '../../../src/suite/run-suite.js';
import {countOutcomes, type SuiteReport} from '../../../src/suite/suite-result.js';

const file = path.resolve(import.meta.dirname, '../../../recipes/cpython/expected-failures.yaml');
const entries = valueOrThrow(parseExpectedFailures(readFileSync(file, 'utf8'), file));

/** Runs tests on this machine, or as `run` says. */
export function suiteRunner(run: RunHostCommand = hostCommandRunner('test')): SuiteRunner {
  return {run, signal: new AbortController().signal, now: () => performance.now()};
}

/** Runs modules of CPython's tests, as `selectModules` gives them, and prints a line of numbers for each. */
export async function runTests(
  distribution: DistributionUnderTest,
  modules: readonly string[],
  runner: SuiteRunner,
  {
    jobs = 1,
    furtherExpected = [],
  }: {jobs?: number; furtherExpected?: readonly ExpectedFailure[]} = {},
): Promise<SuiteReport> {
  const user = {isRoot: process.getuid?.() === 0};
  return runSuite(
    distribution,
    {
      modules,
      jobs,
      expected: [...expectedFor(entries, {...distribution, ...user}), ...furtherExpected],
      options: {resources: 'all,-network,-urlfetch,-gui,-audio,-largefile', moduleSeconds: 600},
      onModule: ({result}) => {
        const {passed, failed, skipped} = countOutcomes([result]);
        process.stdout.write(
          `CPython ${distribution.python} ${result.module}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`,
        );
      },
    },
    runner,
  );
}
