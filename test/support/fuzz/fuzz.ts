import fc, {type Arbitrary} from 'fast-check';
import {it} from 'vitest';
import {BuildError} from '../../../src/core/errors.js';
import {byScale} from '../scale.js';

/** How often a parser is run where nobody asks for more. */
const defaultRuns = byScale({usual: 100, full: 400});

/** The same inputs on every run, unless `AMPOULE_FUZZ_RUNS` asks for a longer session: that one has new ones each time. */
const defaultSeed = 20_261_121;

/** What a parser is tried with. */
export interface Fuzzing<T> {
  /** Inputs that once went wrong: tried first, always. */
  readonly examples?: readonly T[];
  /** Errors of the parser's own contract that are no `BuildError`, by their class. */
  readonly allowed?: readonly (new (...parameters: never[]) => Error)[];
  /** A share of the usual number of runs, for what is slow. 1 when it is left out. */
  readonly share?: number;
}

/** Tries a parser with many inputs: it returns, or throws a `BuildError`. Whatever else it throws fails the test. */
export function fuzz<T>(
  title: string,
  inputs: Arbitrary<T>,
  parse: (input: T) => unknown,
  {examples = [], allowed = [], share = 1}: Fuzzing<T> = {},
): void {
  const wanted = process.env['AMPOULE_FUZZ_RUNS'];
  const runs = Math.ceil(Number(wanted ?? defaultRuns) * share);
  const isExpected = (error: unknown): boolean =>
    error instanceof BuildError || allowed.some((kind) => error instanceof kind);
  const property = fc.asyncProperty(inputs, async (input) => {
    try {
      await parse(input);
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
  });
  it(
    title,
    async () => {
      await fc.assert(property, {
        numRuns: runs + examples.length,
        examples: examples.map((example): [T] => [example]),
        ...(wanted === undefined && {seed: defaultSeed}),
      });
    },
    // Not a measure of speed: what hangs does not end by then either.
    Math.max(600_000, runs * 100),
  );
}
