import type {Recipe} from './recipe.js';

/** A pin that was never compared with the upstream file. */
export interface UnverifiedPin {
  /** The recipe's name. */
  readonly name: string;
  readonly version: string;
  /** The first location of the file. */
  readonly location: string;
}

/** The pins of a recipe that are marked `unverified`, each once. */
export function unverifiedPins({name, versions}: Recipe): readonly UnverifiedPin[] {
  const pins = new Set(versions.flatMap(({upstream, debian}) => [upstream, debian]));
  return [...pins]
    .filter(({isUnverified}) => isUnverified)
    .map(({version, urls, debian}) => ({
      name,
      version,
      location: urls[0] ?? debian?.poolPath ?? '',
    }));
}
