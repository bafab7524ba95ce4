/** What an archive holds: everything, or what an installer unpacks. */
export type Flavour = 'full' | 'install_only' | 'install_only_stripped';

/** What decides the name of an archive. */
export interface ArchiveIdentity {
  /** The version of CPython, `3.14.7`. */
  readonly python: string;
  readonly targetTriple: string;
  /** The build option, `noopt` or `freethreaded+pgo+lto`. */
  readonly options: string;
  readonly flavour: Flavour;
  /** Seconds since 1970; its day in UTC is the archive's date tag. */
  readonly sourceDateEpoch: number;
}

/**
 * The archive's file name, in the form that clients of python-build-standalone parse. The date is always there and
 * always 8 digits. `install_only` names carry no build option but free-threading, so two options never write one file
 * only as long as a plan makes them from a single option.
 */
export function archiveName(identity: ArchiveIdentity): string {
  const {python, targetTriple, options, flavour} = identity;
  const isFreeThreaded = options.split('+').includes('freethreaded');
  const installOnly = isFreeThreaded ? `freethreaded-${flavour}` : flavour;
  const kind = flavour === 'full' ? `${options}-full` : installOnly;
  const extension = flavour === 'full' ? 'tar.zst' : 'tar.gz';
  return `cpython-${python}+${dateTagOf(identity.sourceDateEpoch)}-${targetTriple}-${kind}.${extension}`;
}

/** `YYYYMMDD` of a point in time, in UTC. */
export function dateTagOf(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().slice(0, 10).replaceAll('-', '');
}
