import {describe, expect, it} from 'vitest';

import type {ModuleCondition} from '../../../src/setup-local/condition.js';
import {isVersionRange, matches, toSemanticVersion} from '../../../src/setup-local/condition.js';

describe('toSemanticVersion', () => {
  it.each([
    ['3.14.7', '3.14.7'],
    ['3.15.0rc1', '3.15.0-rc.1'],
    ['3.15.0a10', '3.15.0-a.10'],
    ['3.14', undefined],
    ['3.14.7+', undefined],
    ['v3.14.7', undefined],
    ['', undefined],
    ['3.14.7'.repeat(1000), undefined],
  ])('makes of %j %j', (python, wanted) => {
    expect(toSemanticVersion(python)).toBe(wanted);
  });
});

describe('matches', () => {
  it.each<[ModuleCondition, string, boolean]>([
    [{}, '3.14.7', true],
    [{python: '>=3.14'}, '3.14.0', true],
    [{python: '>=3.14'}, '3.13.15', false],
    [{python: '>=3.13 <3.14'}, '3.13.15', true],
    [{python: '<3.14'}, '3.14.7', false],
    // A pre-release has what its release has.
    [{python: '>=3.15'}, '3.15.0rc1', true],
    [{python: '<3.15'}, '3.15.0rc1', false],
    [{python: '>=3.14'}, '3.15.0a1', true],
    [{target: ['x86_64-unknown-linux-gnu']}, '3.14.7', true],
    [{target: ['*-linux-gnu']}, '3.14.7', true],
    [{target: ['x86_64*-linux-*']}, '3.14.7', true],
    [{target: ['*-linux-musl', '*-gnu']}, '3.14.7', true],
    [{target: ['*-linux-musl']}, '3.14.7', false],
    [{target: ['aarch64-*']}, '3.14.7', false],
    [{target: ['x86_64-unknown-linux-gnu*gnu']}, '3.14.7', false],
    [{options: ['lto']}, '3.14.7', true],
    [{options: ['!static']}, '3.14.7', true],
    [{options: ['lto', 'debug']}, '3.14.7', false],
    [{options: ['!lto']}, '3.14.7', false],
    [{python: '>=3.14', options: ['static']}, '3.14.7', false],
  ])('%j holds for %s pgo+lto: %s', (when, version, wanted) => {
    const python = toSemanticVersion(version) ?? '';

    expect(matches(when, {python, target: 'x86_64-unknown-linux-gnu', options: 'pgo+lto'})).toBe(
      wanted,
    );
  });
});

describe('isVersionRange', () => {
  it.each([
    ['>=3.14', true],
    ['>=3.13 <3.15', true],
    ['', false],
    [' ', false],
    ['latest', false],
  ])('%j: %s', (range, wanted) => {
    expect(isVersionRange(range)).toBe(wanted);
  });
});
