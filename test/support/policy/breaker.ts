import type {SampleArchive, SampleFlavour} from './sample-archive.js';

/** One way to break a sample, in the flavour where it breaks one rule alone. */
export interface Breaker {
  readonly flavour: SampleFlavour;
  readonly breakIt: (sample: SampleArchive) => void;
}

/** Ways to break each rule, by the rule's id. */
export type Breakers = Readonly<Record<string, readonly Breaker[]>>;

/** Ways to break a full archive. */
export function full(...ways: readonly Breaker['breakIt'][]): readonly Breaker[] {
  return ways.map((breakIt) => ({flavour: 'full', breakIt}));
}

/** Ways to break an install-only archive. */
export function installOnly(...ways: readonly Breaker['breakIt'][]): readonly Breaker[] {
  return ways.map((breakIt) => ({flavour: 'install_only', breakIt}));
}

/** Ways to break a stripped archive. */
export function stripped(...ways: readonly Breaker['breakIt'][]): readonly Breaker[] {
  return ways.map((breakIt) => ({flavour: 'install_only_stripped', breakIt}));
}
