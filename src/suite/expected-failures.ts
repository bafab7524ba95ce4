import {failure, success, type Result} from '../core/errors.js';
import {matches, readCondition, type Condition, type ConditionContext} from '../data/condition.js';
import {anyText, YamlReader, type TextForm} from '../data/yaml-reader.js';

/** A test of CPython's suite that is known to fail, and the reason. */
export interface ExpectedFailure {
  /** Full names, `test.test_ssl.ContextTests.test_load`; a trailing `*` matches anything. */
  readonly tests: readonly string[];
  readonly when: Condition;
  /** The users it fails for; by default all. */
  readonly user: 'root' | 'ordinary' | undefined;
  /** Whether it sometimes passes, so that a pass means nothing. */
  readonly isIntermittent: boolean;
  readonly reason: string;
}

/** What decides which failures are expected. */
export interface SuiteContext extends ConditionContext {
  readonly isRoot: boolean;
}

const testForm: TextForm = {
  pattern: /^[\w.() ]{1,300}\*?$/,
  wanted:
    'the full name of a test such as test.test_ssl.ContextTests.test_load, or its start and a "*"',
};

/** Reads an expected-failures file: the key `failures` with a list of entries. */
export function parseExpectedFailures(
  text: string,
  file: string,
): Result<readonly ExpectedFailure[]> {
  const reader = new YamlReader(text, file);
  const root = reader.root();
  const entries: ExpectedFailure[] = [];
  for (const node of root?.list('failures') ?? []) {
    const map = reader.map(node, 'a failure');
    if (map === undefined) continue;
    const tests = map.texts('tests', testForm);
    if (!map.has('tests')) map.report('tests', 'a failure lacks the key "tests": names of tests');
    const when = readCondition(map, ['python', 'target', 'options']);
    const user = map.optionalChoice('user', ['root', 'ordinary']);
    const isIntermittent = map.optionalBoolean('intermittent') ?? false;
    const reason = map.text('reason', anyText);
    map.rejectOtherKeys();
    if (reason === undefined) continue;
    entries.push({tests, when, user, isIntermittent, reason: reason.trim()});
  }
  root?.rejectOtherKeys();
  return reader.diagnostics.length > 0 ? failure(reader.diagnostics) : success(entries);
}

/** The entries that apply to an archive and a user. */
export function expectedFor(
  entries: readonly ExpectedFailure[],
  context: SuiteContext,
): readonly ExpectedFailure[] {
  return entries.filter(
    ({when, user}) =>
      matches(when, context) && (user === undefined || (user === 'root') === context.isRoot),
  );
}

/** Whether an entry matches a test. */
export function covers(entry: ExpectedFailure, name: string): boolean {
  return entry.tests.some((test) =>
    test.endsWith('*') ? name.startsWith(test.slice(0, -1)) : name === test,
  );
}
