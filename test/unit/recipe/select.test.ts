import {describe, expect, it} from 'vitest';
import type {BuildContext} from '../../../src/core/target.js';
import type {Condition} from '../../../src/recipe/recipe.js';
import {matches, select} from '../../../src/recipe/select.js';

const context: BuildContext = {
  python: '3.14.7',
  target: 'x86_64-unknown-linux-gnu',
  sourceSet: 'debian',
  options: 'freethreaded+debug',
};

describe('matches', () => {
  it.each<[Condition, boolean]>([
    [{}, true],
    [{python: '>=3.14'}, true],
    [{python: '<3.14'}, false],
    [{python: '>=3.12 <3.15'}, true],
    [{target: ['x86_64-unknown-linux-gnu']}, true],
    [{target: ['aarch64-*', 'x86_64*-linux-gnu']}, true],
    [{target: ['*-musl']}, false],
    [{target: ['x86_64-unknown-linux-gnu-*']}, false],
    [{target: ['x86_64-*-linux-gnu*-gnu']}, false],
    [{sources: ['debian']}, true],
    [{sources: ['upstream']}, false],
    [{options: ['debug']}, true],
    [{options: ['debug', '!lto']}, true],
    [{options: ['!debug']}, false],
    [{options: ['debug', 'lto']}, false],
    [{python: '>=3.14', sources: ['upstream']}, false],
  ])('of %j is %j', (when, wanted) => {
    expect(matches(when, context)).toBe(wanted);
  });

  it.each([
    ['3.15.0rc1', '>=3.15', true],
    ['3.15.0rc1', '<3.15', false],
    ['3.15.0a10', '>=3.14 <3.15', false],
    ['3.13.15', '>=3.13', true],
  ])('takes CPython %s for %s: %j', (python, range, wanted) => {
    expect(matches({python: range}, {...context, python})).toBe(wanted);
  });
});

describe('select', () => {
  it('keeps the values whose conditions hold, in the order they are written', () => {
    const entries = [
      {when: {sources: ['debian'] as const}, values: ['b', 'a']},
      {when: {sources: ['upstream'] as const}, values: ['x']},
      {when: {}, values: ['c']},
    ];

    expect(select(entries, context)).toEqual(['b', 'a', 'c']);
  });
});
