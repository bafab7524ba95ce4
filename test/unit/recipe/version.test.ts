import {describe, expect, it} from 'vitest';
import {fillVersion, readVersion} from '../../../src/recipe/version.js';

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

describe('readVersion', () => {
  it.each([
    ['openssl-{version}', '3.5.7'],
    ['v{version}', '1.3.2'],
    ['R_{major}_{minor}_{patch}', '2.8.3'],
    ['sqlite-autoconf-{major}{minor:2}{patch:2}00.tar.gz', '3.53.4'],
    ['{release}', '3.15.0'],
    ['libedit-{version}.tar.gz', '20250104-3.1'],
    ['{version}-{version}', '1.2.3'],
  ])('reads from %s what %s made of it', (template, version) => {
    expect(readVersion(template, fillVersion(template, version) ?? '')).toBe(version);
  });

  it.each([
    ['openssl-{version}', 'openssl-fips-3.5.7'],
    ['openssl-{version}', 'OpenSSL_1_1_1'],
    ['{version}-{version}', '1.2-1.3'],
    ['{release}', '../'],
    ['{revision}', '1'],
    ['none', 'none'],
  ])('reads nothing by %s from %s', (template, text) => {
    expect(readVersion(template, text)).toBeUndefined();
  });
});
