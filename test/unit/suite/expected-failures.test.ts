import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {
  covers,
  expectedFor,
  parseExpectedFailures,
  type SuiteContext,
} from '../../../src/suite/expected-failures.js';
import {judge, type TestCase} from '../../../src/suite/suite-result.js';

function parse(text: string) {
  const result = parseExpectedFailures(text, 'failures.yaml');
  if (!result.ok) throw new Error(result.diagnostics.map(({message}) => message).join('\n'));
  return result.value;
}

const context: SuiteContext = {
  python: '3.14.7',
  target: {triple: 'x86_64-unknown-linux-gnu'},
  options: ['noopt'],
  isRoot: false,
};

const text = `
failures:
  - tests: test.test_a.T.test_one
    reason: always
  - tests: [test.test_b.*, test.test_c]
    when: {python: ">=3.14"}
    reason: new
  - tests: test.test_d.T.test_x
    when: {python: "<3.14"}
    reason: old
  - tests: test.test_e.T.test_x
    user: root
    reason: root may do anything
  - tests: test.test_f.T.test_x
    intermittent: true
    reason: a race
`;

const testCase = (name: string, outcome: TestCase['outcome']): TestCase => ({
  name,
  outcome,
  detail: '',
});

describe('expected failures', () => {
  it('are those whose conditions and user fit', () => {
    const reasons = (changes: Partial<typeof context>) =>
      expectedFor(parse(text), {...context, ...changes}).map(({reason}) => reason);

    expect(reasons({})).toEqual(['always', 'new', 'a race']);
    expect(reasons({isRoot: true, python: '3.13.15'})).toEqual([
      'always',
      'old',
      'root may do anything',
      'a race',
    ]);
  });

  it('name a test, or with a star all that begins so', () => {
    const [one, several] = parse(text);

    expect(one && covers(one, 'test.test_a.T.test_one')).toBe(true);
    expect(one && covers(one, 'test.test_a.T.test_one_more')).toBe(false);
    expect(several && covers(several, 'test.test_b.X.test_y')).toBe(true);
    expect(several && covers(several, 'test.test_b')).toBe(false);
  });

  it.each([
    ['failures:\n  - tests: test.x\n', 'lacks the key "reason"'],
    ['failures:\n  - reason: none\n', 'lacks the key "tests"'],
    ['failures:\n  - tests: test.x\n    reason: y\n    why: z\n', 'unknown key "why"'],
    ['failures:\n  - tests: "*"\n    reason: all\n', 'must be the full name of a test'],
  ])('are refused when a key is missing, unknown or covers everything', (yaml, message) => {
    expect(() => parse(yaml)).toThrow(message);
  });

  it('in our own file are well formed', () => {
    const file = new URL('../../../recipes/cpython/expected-failures.yaml', import.meta.url);

    expect(parse(readFileSync(file, 'utf8')).length).toBeGreaterThan(0);
  });
});

describe('the report of a run', () => {
  it('tells failures apart by whether a reason is known, and names reasons that no longer hold', () => {
    const modules = [
      {
        module: 'test_a',
        seconds: 1,
        cases: [
          testCase('test.test_a.T.test_one', 'passed'),
          testCase('test.test_a.T.test_two', 'failed'),
        ],
      },
      {
        module: 'test_b',
        seconds: 1,
        cases: [
          testCase('test.test_b.T.test_x', 'failed'),
          testCase('test.test_b.T.test_y', 'passed'),
          testCase('test.test_f.T.test_x', 'passed'),
          testCase('test.test_c', 'skipped'),
        ],
      },
    ];

    const report = judge(modules, expectedFor(parse(text), context), []);

    expect(report.counts).toEqual({passed: 3, failed: 2, skipped: 1});
    expect(report.unexpectedFailures.map(({name}) => name)).toEqual(['test.test_a.T.test_two']);
    expect(report.expectedFailures).toEqual([{name: 'test.test_b.T.test_x', reason: 'new'}]);
    expect(report.unexpectedPasses).toEqual([{name: 'test.test_a.T.test_one', reason: 'always'}]);
  });
});
