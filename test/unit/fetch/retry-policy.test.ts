import {describe, expect, it} from 'vitest';
import {isDebianSuite} from '../../../src/fetch/debian-mirrors.js';
import {defaultRetryPolicy, retryDelayMs} from '../../../src/fetch/retry-policy.js';

describe('retryDelayMs', () => {
  it.each([
    [0, 0, 250],
    [0, 0.999999, 500],
    [1, 0, 500],
    [3, 0.5, 3000],
    [20, 0.999999, 10_000],
  ])('after round %i with chance %f is %i ms', (round, random, wanted) => {
    expect(retryDelayMs(defaultRetryPolicy, round, random)).toBe(wanted);
  });
});

describe('isDebianSuite', () => {
  const text = (origin: string, suite: string, codename: string) =>
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: ${origin}\nSuite: ${suite}\n` +
    `Codename: ${codename}\nDate: Sat, 12 Sep 2026 07:55:41 UTC\n-----BEGIN PGP SIGNATURE-----\n`;

  it.each([
    [text('Debian', 'stable', 'trixie'), true],
    [text('Debian', 'trixie', 'x'), true],
    [text('Debian', 'stable-security', 'trixie-security'), false],
    [text('Google LLC', 'trixie', 'trixie'), false],
    ['Origin: Debian\nCodename: trixie\n', false],
  ])('judges an InRelease file by origin and suite', (inRelease, wanted) => {
    expect(isDebianSuite(inRelease, 'trixie')).toBe(wanted);
  });
});
