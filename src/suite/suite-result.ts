import {covers, type ExpectedFailure} from './expected-failures.js';

/** The result of one test. */
export interface TestCase {
  /** `test.test_ssl.BasicSocketTests.test_constants`; a module that ran as a whole or not at all is `test.test_ssl`. */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** The reason of a skip, the end of a failure's traceback, empty for a pass. */
  readonly detail: string;
}

/** The result of one test module. */
export interface ModuleResult {
  /** `test_ssl`, `test_asyncio.test_events` */
  readonly module: string;
  readonly cases: readonly TestCase[];
  readonly seconds: number;
}

/** How many tests had which outcome. */
export type Counts = Readonly<Record<TestCase['outcome'], number>>;

/** A failure that matches an entry of the expected-failures file. */
export interface ExplainedFailure {
  readonly name: string;
  readonly reason: string;
}

/** The report of a run of the suite. */
export interface SuiteReport {
  readonly modules: readonly ModuleResult[];
  readonly counts: Counts;
  readonly unexpectedFailures: readonly TestCase[];
  readonly expectedFailures: readonly ExplainedFailure[];
  /** Entries whose tests ran and passed, and which can be removed. */
  readonly unexpectedPasses: readonly ExplainedFailure[];
  /** Modules that failed at first and passed when run again alone. */
  readonly passedAgain: readonly string[];
}

/** How many tests of some results had which outcome. */
export function countOutcomes(modules: readonly ModuleResult[]): Counts {
  const counts = {passed: 0, failed: 0, skipped: 0};
  for (const {cases} of modules) for (const {outcome} of cases) counts[outcome] += 1;
  return counts;
}

/** The failures of a module that no entry explains. */
export function unexpectedFailuresOf(
  {cases}: ModuleResult,
  expected: readonly ExpectedFailure[],
): readonly TestCase[] {
  return cases.filter(
    ({name, outcome}) => outcome === 'failed' && !expected.some((entry) => covers(entry, name)),
  );
}

/** Makes the report from the results of a run. @param expected the entries that apply. */
export function judge(
  modules: readonly ModuleResult[],
  expected: readonly ExpectedFailure[],
  passedAgain: readonly string[],
): SuiteReport {
  const cases = modules.flatMap((module) => module.cases);
  return {
    modules,
    counts: countOutcomes(modules),
    unexpectedFailures: modules.flatMap((module) => unexpectedFailuresOf(module, expected)),
    expectedFailures: cases.flatMap(({name, outcome}) => {
      const entry = expected.find((candidate) => covers(candidate, name));
      return outcome === 'failed' && entry !== undefined ? [{name, reason: entry.reason}] : [];
    }),
    unexpectedPasses: expected
      .filter(({isIntermittent}) => !isIntermittent)
      .flatMap((entry) => entry.tests.map((test) => ({...entry, tests: [test]})))
      .filter((entry) => {
        const outcomes = new Set(
          cases.filter(({name}) => covers(entry, name)).map(({outcome}) => outcome),
        );
        return outcomes.has('passed') && !outcomes.has('failed');
      })
      .map(({tests, reason}) => ({name: tests.join(), reason})),
    passedAgain,
  };
}
