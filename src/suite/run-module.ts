import {readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import type {Exit} from '../executor/executor.js';
import type {RunHostCommand} from '../executor/host-command.js';
import type {DistributionUnderTest} from './distribution-under-test.js';
import {failuresInOutput} from './subtest-failures.js';
import type {ModuleResult, TestCase} from './suite-result.js';

/** How the suite is run. */
export interface SuiteOptions {
  /** The resources that tests may use, as in `-m test -u`. */
  readonly resources: string;
  /** A module that takes longer counts as failed. */
  readonly moduleSeconds: number;
}

/** A test module, as it is run. */
export interface ModuleRun {
  readonly module: string;
  /** Full names of tests that never end; a trailing `*` matches anything. */
  readonly leftOut: readonly string[];
}

/** How to run a test, and when to stop it. */
export interface SuiteRunner {
  readonly run: RunHostCommand;
  readonly signal: AbortSignal;
  /** Milliseconds from any fixed point. */
  readonly now: () => number;
}

/** How much of a traceback or an output is kept. */
const detailCharacters = 2000;
const outputCharacters = 1 << 18;

/** Reads regrtest's JUnit file with the interpreter itself, so that no XML library is needed. */
const junitToJson = `
import json, sys, xml.etree.ElementTree as tree
cases = []
for case in tree.parse(sys.argv[1]).iter("testcase"):
    bad = [child for child in case if child.tag in ("failure", "error")]
    skips = [child for child in case if child.tag == "skipped"]
    child = (bad or skips or [None])[0]
    detail = "" if child is None else (child.text or child.get("message") or "").strip()
    outcome = "failed" if bad else "skipped" if skips else "passed"
    cases.append({"name": case.get("name") or "", "outcome": outcome, "detail": detail[-${String(detailCharacters)}:]})
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump(cases, file)
`;

/** The environment of every test, without anything from this process. */
function environmentOf({
  scratch,
  environment,
}: DistributionUnderTest): Readonly<Record<string, string>> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: path.join(scratch, 'home'),
    TMPDIR: path.join(scratch, 'tmp'),
    LANG: 'C.UTF-8',
    // Tests of curses are skipped without a terminal type; every terminfo database has this one.
    TERM: 'xterm',
    ...environment,
  };
}

/**
 * Runs the distribution's interpreter and returns how it ended and the end of its output.
 * @throws the signal's reason when it aborts.
 */
export async function runPython(
  distribution: DistributionUnderTest,
  args: readonly string[],
  runner: SuiteRunner,
): Promise<{readonly exit: Exit; readonly output: string}> {
  let output = '';
  const decoder = new TextDecoder();
  const onOutput = (chunk: Uint8Array): void => {
    output = (output + decoder.decode(chunk, {stream: true})).slice(-outputCharacters);
  };
  const exit = await runner.run(
    {
      argv: [distribution.executable, ...args],
      cwd: path.join(distribution.scratch, 'tmp'),
      environment: environmentOf(distribution),
      onOutput,
    },
    runner.signal,
  );
  return {exit, output};
}

/**
 * Runs one test module in a process of its own. Tests that are left out count as failed. A module that is skipped as a
 * whole or does not finish is one case with the module's name.
 * @throws the signal's reason when it aborts.
 */
export async function runModule(
  distribution: DistributionUnderTest,
  {module, leftOut}: ModuleRun,
  options: SuiteOptions,
  runner: SuiteRunner,
): Promise<ModuleResult> {
  const start = runner.now();
  const report = path.join(distribution.scratch, `${module}.xml`);
  // The interpreter stops itself at its time limit and prints a traceback; this is for one that cannot.
  const limit = AbortSignal.timeout((options.moduleSeconds + 60) * 1000);
  const {exit, output} = await runPython(
    distribution,
    [
      ...['-m', 'test', '-u', options.resources, '--timeout', String(options.moduleSeconds)],
      // Verbose on failures, because the report does not include subtests.
      '-W',
      ...leftOut.flatMap((name) => ['--ignore', name]),
      ...['--junit-xml', report, module],
    ],
    {...runner, signal: AbortSignal.any([runner.signal, limit])},
  );
  runner.signal.throwIfAborted();
  const cases = withSubtests(await readReport(distribution, report, runner), output);
  const missing = leftOut.map((name) => ({name, outcome: 'failed', detail: 'left out'}) as const);
  return {
    module,
    cases: [...wholeModule(module, exit, output, cases), ...cases, ...missing],
    seconds: (runner.now() - start) / 1000,
  };
}

/** The cases of the report; unnamed ones are taken from the output. */
function withSubtests(reported: readonly TestCase[], output: string): readonly TestCase[] {
  const cases = reported.filter(({name}) => name !== '');
  if (cases.length === reported.length) return cases;
  const known = new Set(cases.map(({name}) => name));
  return [...cases, ...failuresInOutput(output).filter(({name}) => !known.has(name))];
}

const exitCodes = {success: 0, noTestsRan: 4} as const;

/** The case for the whole module, if its tests do not show everything. */
function wholeModule(
  module: string,
  exit: Exit,
  output: string,
  cases: readonly TestCase[],
): readonly TestCase[] {
  const name = `test.${module}`;
  if (exit.kind === 'exited') {
    if (exit.code === exitCodes.success && cases.length > 0) return [];
    if (exit.code === exitCodes.success || exit.code === exitCodes.noTestsRan) {
      const reason = /^\S+ skipped -- (.*)$/m.exec(output)?.[1] ?? 'no test of it ran';
      return [{name, outcome: 'skipped', detail: reason}];
    }
    if (cases.some(({outcome}) => outcome === 'failed')) return [];
  }
  const how = {
    exited: () => `exit code ${exit.kind === 'exited' ? exit.code : ''}`,
    signalled: () => `ended by ${exit.kind === 'signalled' ? exit.signal : ''}`,
    cancelled: () => 'stopped at its time limit',
  }[exit.kind]();
  const tail = output.trim().slice(-detailCharacters);
  return [{name, outcome: 'failed', detail: `${tail}\n${module}: ${how}`}];
}

async function readReport(
  distribution: DistributionUnderTest,
  report: string,
  runner: SuiteRunner,
): Promise<readonly TestCase[]> {
  const json = `${report}.json`;
  const args = ['-I', '-c', junitToJson, report, json];
  await runPython(distribution, args, runner);
  runner.signal.throwIfAborted();
  try {
    return parseCases(JSON.parse(await readFile(json, 'utf8')));
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    // A skipped or crashed module writes no report.
    if (isMissing || error instanceof SyntaxError) return [];
    throw error;
  } finally {
    await Promise.all([report, json].map((file) => rm(file, {force: true})));
  }
}

function parseCases(value: unknown): readonly TestCase[] {
  const isCase = (item: unknown): item is TestCase =>
    typeof item === 'object' &&
    item !== null &&
    'name' in item &&
    typeof item.name === 'string' &&
    'outcome' in item &&
    (item.outcome === 'passed' || item.outcome === 'failed' || item.outcome === 'skipped') &&
    'detail' in item &&
    typeof item.detail === 'string';
  // An invalid report counts as none; the exit code then decides.
  return Array.isArray(value) && value.every(isCase) ? value : [];
}
