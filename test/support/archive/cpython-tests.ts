import {readFileSync} from 'node:fs';
import path from 'node:path';
import semver from 'semver';
import {parse} from 'yaml';
import {outputOf, run} from './run.js';

/** What became of one test of CPython's own suite. */
export interface TestCase {
  /** `test.test_ssl.BasicSocketTests.test_constants` */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** The reason of a skip, the end of the trace of a failure, empty for a pass. */
  readonly detail: string;
}

/** A failure that is known, and why it is none of the distribution's. */
export interface ExpectedFailure {
  /** The test's full name; a `*` at the end stands for any rest. */
  readonly test: string;
  /** A semver range of Python versions; all when left out. */
  readonly python?: string;
  readonly reason: string;
}

/** What `-m test` may use: everything but a network, a screen, sound and gigabytes of disk. */
const resources = 'all,-network,-urlfetch,-gui,-audio,-largefile';

/** Reads regrtest's JUnit file with the interpreter itself: no XML library is needed. */
const junitToJson = `
import json, sys, xml.etree.ElementTree as tree
cases = []
for case in tree.parse(sys.argv[1]).iter("testcase"):
    bad = [child for child in case if child.tag in ("failure", "error")]
    skips = [child for child in case if child.tag == "skipped"]
    child = (bad or skips or [None])[0]
    detail = "" if child is None else (child.text or child.get("message") or "").strip()
    outcome = "failed" if bad else "skipped" if skips else "passed"
    cases.append({"name": case.get("name"), "outcome": outcome, "detail": detail[-1500:]})
print(json.dumps(cases))
`;

/**
 * Runs one module of CPython's tests (`test_ssl`) with `executable`. A module that is skipped as a whole, or that does
 * not come to its end, is one case with the module's name.
 */
export async function runTestModule(
  executable: string,
  module: string,
  scratch: string,
): Promise<readonly TestCase[]> {
  const report = path.join(scratch, `${module}.xml`);
  const {exit, stdout, stderr} = await run(
    executable,
    ['-m', 'test', '-u', resources, '--timeout', '600', '--junit-xml', report, module],
    {cwd: scratch, env: {HOME: scratch}, timeoutMs: 1_200_000},
  );
  const cases = await readReport(executable, report);
  if (cases.length > 0 && (exit === 0 || cases.some(({outcome}) => outcome === 'failed'))) {
    return cases;
  }
  const isSkipped = exit === 0 || new RegExp(`^.*${module} skipped`, 'm').test(stdout);
  const detail = `${stdout}\n${stderr}`.trim().slice(-1500);
  return [{name: `test.${module}`, outcome: isSkipped ? 'skipped' : 'failed', detail}, ...cases];
}

async function readReport(executable: string, report: string): Promise<readonly TestCase[]> {
  const {exit} = await run('/usr/bin/test', ['-s', report]);
  if (exit !== 0) return [];
  return JSON.parse(await outputOf(executable, ['-c', junitToJson, report])) as TestCase[];
}

/** The known failures that apply to a version of Python. */
export function readExpectedFailures(file: URL, python: string): readonly ExpectedFailure[] {
  const entries = (parse(readFileSync(file, 'utf8')) ?? []) as ExpectedFailure[];
  return entries.filter((entry) => semver.satisfies(python, entry.python ?? '*'));
}

/** The known failure that covers a test, if any. */
export function findExpected(
  name: string,
  expected: readonly ExpectedFailure[],
): ExpectedFailure | undefined {
  return expected.find(({test}) =>
    test.endsWith('*') ? name.startsWith(test.slice(0, -1)) : name === test,
  );
}

/** One line per module with its numbers, then one for each failure and each module that is skipped, with the reason. */
export function formatTable(
  results: ReadonlyMap<string, readonly TestCase[]>,
  expected: readonly ExpectedFailure[],
): string {
  const count = (cases: readonly TestCase[], outcome: TestCase['outcome']) =>
    String(cases.filter((each) => each.outcome === outcome).length).padStart(7);
  const rows = [...results].map(
    ([module, cases]) =>
      `${module.padEnd(18)} ${count(cases, 'passed')} ${count(cases, 'failed')} ${count(cases, 'skipped')}`,
  );
  const failures = [...results.values()]
    .flat()
    .filter(({outcome}) => outcome === 'failed')
    .map(({name, detail}) => {
      const reason = findExpected(name, expected)?.reason ?? `NOT EXPECTED: ${lastLine(detail)}`;
      return `  ${name}\n      ${reason.trim()}`;
    });
  const head = `${'module'.padEnd(18)}  passed  failed skipped`;
  return [head, ...rows, ...(failures.length > 0 ? ['', 'failures:', ...failures] : []), ''].join(
    '\n',
  );
}

function lastLine(text: string): string {
  return text.split('\n').at(-1) ?? '';
}
