import {describe, expect, it} from 'vitest';
import {fillVersion} from '../../../src/recipe/version.js';

describe('fillVersion', () => {
  it.each([
    ['{version}/x-{version}', '1.2.3', '1.2.3/x-1.2.3'],
    ['{major}.{minor}', '1.2.3', '1.2'],
    ['{major}{minor:2}{patch:2}00', '3.53.4', '3530400'],
    ['{release}/{version}', '3.15.0rc1', '3.15.0/3.15.0rc1'],
    ['{patch}', '3.15.0rc1', '0'],
    ['{release} {debian-version}', '3.15.0rc1', '3.15.0 3.15.0~rc1'],
    ['{debian-version}', '6.5+20250216', '6.5+20250216'],
    ['none', '1', 'none'],
  ])('%s of %s is %s', (template, version, filled) => {
    expect(fillVersion(template, version)).toBe(filled);
  });

  it.each([
    ['{patch}', '2.44'],
    ['{revision}', '1.2.3'],
    ['{}', '1.2.3'],
  ])('%s of %s is nothing', (template, version) => {
    expect(fillVersion(template, version)).toBeUndefined();
  });
});
