import {flavoursThat, type Flavour} from '../distribution/flavours.js';
import type {ArchiveContents} from './archive-contents.js';
import type {Severity} from './finding.js';

/** The result of a rule's check: where, and what is wrong. */
export interface Offence {
  readonly path: string;
  readonly message: string;
}

/** One demand on a finished archive. */
export interface Rule {
  /** Stable, kebab-case; begins with the rule's subject. */
  readonly id: string;
  /** The requirement, as one sentence. */
  readonly demand: string;
  readonly severity: Severity;
  /** The flavours that it applies to. */
  readonly flavours: readonly Flavour[];
  readonly check: (archive: ArchiveContents) => Iterable<Offence>;
}

/** All flavours. */
export const everyFlavour = flavoursThat(() => true);

/** The flavours that hold the whole tree of a build. */
export const treeFlavours = flavoursThat(({content}) => content === 'tree');

/** The flavours that installers unpack. */
export const installFlavours = flavoursThat(({content}) => content === 'install');

/** The flavours with debug information. */
export const debugFlavours = flavoursThat(({isStripped}) => !isStripped);

/** The flavours without. */
export const strippedFlavours = flavoursThat(({isStripped}) => isStripped);

/** The flavours that zstd compresses. */
export const zstdFlavours = flavoursThat(({compressor}) => compressor === 'zstd');

/** The flavours that gzip compresses. */
export const gzipFlavours = flavoursThat(({compressor}) => compressor === 'gzip');

/** An error-level rule for every flavour, or for the named ones. */
export function rule(
  id: string,
  demand: string,
  check: Rule['check'],
  flavours: readonly Flavour[] = everyFlavour,
): Rule {
  return {id, demand, severity: 'error', flavours, check};
}

/** `expected X, found Y` */
export function expectedFound(wanted: string, got: string | undefined): string {
  return `expected ${wanted}, found ${got ?? 'nothing'}`;
}
