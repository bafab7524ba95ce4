import type {Recipe} from './recipe.js';

/** A pin whose file nobody could read when it was written down. */
export interface UnverifiedPin {
  /** The recipe's name. */
  readonly name: string;
  readonly version: string;
  /** Where the file is looked for first. */
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
