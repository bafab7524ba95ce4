/** When a failed download is tried again. */
export interface RetryPolicy {
  /** How often the locations of a source are gone through, the first time included. */
  readonly rounds: number;
  /** Pause after the first round; doubles with each round. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** Five rounds with pauses of about 0.5, 1, 2 and 4 seconds. */
export const defaultRetryPolicy: RetryPolicy = {rounds: 5, baseDelayMs: 500, maxDelayMs: 10_000};

/**
 * The pause after a round, counted from 0: exponential, with the upper half left to chance so that many clients do not
 * come back at once. `random` is in [0, 1).
 */
export function retryDelayMs(policy: RetryPolicy, round: number, random: number): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** round);
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
