import {describe, expect, it} from 'vitest';
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
