import type {TestCase} from './suite-result.js';

const detailCharacters = 2000;

/**
 * The failures in regrtest's output, one per test. A test that fails only in a subtest has no name and no failure in
 * the JUnit file (test.libregrtest.testresult does not implement `addSubTest`), so the output is the only source.
 */
export function failuresInOutput(output: string): readonly TestCase[] {
  const failures = new Map<string, string>();
  // One block for each: a line of "=", a head with the test's full name, a line of "-", the trace.
  for (const block of output.split(/^={70}\r?\n/m).slice(1)) {
    const name = /^(?:FAIL|ERROR): .*?\((\w+(?:\.\w+)+)\)/.exec(block)?.[1];
    if (name === undefined || failures.has(name)) continue;
    const trace = block
      .split(/^-{70}\r?\n/m)
      .slice(0, 2)
      .join('');
    failures.set(name, trace.trim().slice(-detailCharacters));
  }
  return [...failures].map(([name, detail]) => ({name, outcome: 'failed', detail}));
}
