/** When a failed download is tried again. */
export interface RetryPolicy {
  /** How often all locations of a source are tried, including the first time. */
  readonly rounds: number;
  /** Pause after the first round; doubles with each round. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
}

/** Five rounds with pauses of about 0.5, 1, 2 and 4 seconds. */
export const defaultRetryPolicy: RetryPolicy = {rounds: 5, baseDelayMs: 500, maxDelayMs: 10_000};

/**
 * The pause after a round, counted from 0: exponential, with a random upper half so that clients do not retry in
 * lockstep. `random` is in [0, 1).
 */
export function retryDelayMs(policy: RetryPolicy, round: number, random: number): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** round);
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
