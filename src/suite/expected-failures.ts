import * as v from 'valibot';
import type {Result} from '../core/errors.js';
import {sourcelessCondition, when} from '../data/condition-schema.js';
import {matches, type Condition, type ConditionContext} from '../data/condition.js';
import {choice, describe, flag, list, map, optional, text, type TextForm} from '../data/schema.js';
import {parseYamlFile} from '../data/yaml-file.js';

/** A test of CPython's suite that is known to fail, and the reason. */
export interface ExpectedFailure {
  /** Full names, `test.test_ssl.ContextTests.test_load`; a trailing `*` matches anything. */
  readonly tests: readonly string[];
  readonly when: Condition;
  /** The users it fails for; by default all. */
  readonly user: 'root' | 'ordinary' | undefined;
  /** Whether it sometimes passes, so that a pass means nothing. */
  readonly isIntermittent: boolean;
  /** Whether it never ends, so that it is left out and counts as failed. */
  readonly isHanging: boolean;
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

const failureSchema = v.pipe(
  map({
    tests: describe(
      list(text(testForm), 'names of tests'),
      'Full names as `ampoule test` prints them; a * at the end stands for any rest.',
    ),
    when: when(sourcelessCondition),
    user: describe(
      v.optional(choice(['root', 'ordinary'])),
      'Whom the tests fail for. Default: everybody.',
    ),
    intermittent: describe(
      optional(flag(), false),
      'Whether the tests also pass at times. Default: false.',
    ),
    hangs: describe(
      optional(flag(), false),
      'Whether the tests never end: they are left out, and count as failed. Default: false.',
    ),
    reason: describe(text(), 'What fails, and why.'),
  }),
  v.transform(({tests, when, user, intermittent, hangs, reason}): ExpectedFailure => ({
    tests,
    when,
    user,
    isIntermittent: intermittent,
    isHanging: hangs,
    reason: reason.trim(),
  })),
);

/** The schema of an expected-failures file. */
export const expectedFailuresSchema = v.pipe(
  map({
    failures: describe(
      optional(list(failureSchema), []),
      'Tests that fail on a distribution through no fault of it.',
    ),
  }),
  v.transform(({failures}): readonly ExpectedFailure[] => failures),
);

/** Reads an expected-failures file: the key `failures` with a list of entries. */
export function parseExpectedFailures(
  text: string,
  file: string,
): Result<readonly ExpectedFailure[]> {
  return parseYamlFile(expectedFailuresSchema, text, file);
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
