import {printBuildOptions, type BuildOptions} from '../core/build-options.js';
import {archiveExtensions, factsOf, type Flavour} from './flavours.js';

/** What decides the name of an archive. */
export interface ArchiveIdentity {
  /** The version of CPython, `3.14.7`. */
  readonly python: string;
  readonly targetTriple: string;
  readonly options: BuildOptions;
  /** Whether a developer's own tree was built. */
  readonly isOwnTree?: boolean;
  /** The names of the project's overlays. */
  readonly overlays?: readonly string[];
  readonly flavour: Flavour;
  /** Seconds since 1970; the UTC day is the archive's date tag. */
  readonly sourceDateEpoch: number;
}

/**
 * The archive's file name, in the form that clients of python-build-standalone parse. The date always has 8 digits.
 * `install_only` names contain no build option except free-threading, so two variants of one Python and target may have
 * the same name. The date is followed by what makes it no release of this project: the names of overlays, `.acme`, and `.tree`
 * for a developer's own tree.
 */
export function archiveName(identity: ArchiveIdentity): string {
  const {python, targetTriple, options, flavour} = identity;
  const {content, compressor} = factsOf(flavour);
  const install = options.includes('freethreaded') ? `freethreaded-${flavour}` : flavour;
  const kind = content === 'tree' ? `${printBuildOptions(options)}-${flavour}` : install;
  const extension = archiveExtensions[compressor];
  const tags = [...(identity.overlays ?? []), ...(identity.isOwnTree === true ? [ownTreeTag] : [])];
  const tag = [dateTagOf(identity.sourceDateEpoch), ...tags].join('.');
  return `cpython-${python}+${tag}-${targetTriple}-${kind}.${extension}`;
}

/** What follows the date in the name of an archive of a developer's own tree. No overlay has this name. */
export const ownTreeTag = 'tree';

/** `YYYYMMDD` of a point in time, in UTC. */
export function dateTagOf(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().slice(0, 10).replaceAll('-', '');
}
