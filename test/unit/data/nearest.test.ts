import {describe, expect, it} from 'vitest';
import {didYouMean, nearestNames} from '../../../src/data/nearest.js';

describe('nearestNames', () => {
  it.each([
    ['zlbi', ['zlib']],
    ['bzip', ['gzip', 'bzip2']],
    ['Zlib', ['zlib']],
    ['frobnicate', []],
    ['xx', ['xz']],
    ['', []],
  ])('of %s are %j', (word, nearest) => {
    expect(nearestNames(word, ['zlib', 'gzip', 'bzip2', 'xz', 'zlib'])).toEqual(nearest);
  });

  it('are told in one sentence', () => {
    expect(didYouMean('zlbi', ['zlib', 'expat'])).toBe(' Did you mean zlib?');
    expect(didYouMean('frobnicate', ['zlib'])).toBe('');
  });
});
