import path from 'node:path';
import type {Source} from '../core/source.js';
import {relockCommand, type ImageLock, type LockedPackage} from './image-lock.js';

/**
 * Debian's archive of every past state of its mirrors: slow, but complete. The only Debian mirror that is built into
 * the project.
 */
export const debianSnapshotService = 'https://snapshot.debian.org/archive/debian';

/** The downloads of a lock: from any mirror of the suite, else from Debian's snapshot of the time it was made. */
export function imageSources(lock: ImageLock): readonly Source[] {
  return lock.packages.map((entry) => ({
    fileName: packageFileName(entry),
    sha256: entry.sha256,
    sizeBytes: entry.sizeBytes,
    locations: [
      {kind: 'debian', suite: lock.suite, poolPath: entry.poolPath},
      {kind: 'url', url: snapshotUrl(lock.snapshot, entry.poolPath)},
    ],
  }));
}

/** Name of a package's file: the last part of its pool path. */
export function packageFileName(entry: LockedPackage): string {
  return path.posix.basename(entry.poolPath);
}

/** The URL of an archive path at Debian's snapshot service, at a time like `20261121T021500Z`. */
export function snapshotUrl(snapshot: string, archivePath: string): string {
  return `${debianSnapshotService}/${snapshot}/${archivePath}`;
}

/** A time in the format of Debian's snapshot service, for URLs and locks. */
export function snapshotStamp(time: Date): string {
  return time.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** The number of packages that a sentence names; the rest is counted. */
const namedPackages = 5;

/** The advice for packages of this lock that no mirror has any more; `undefined` for other sources. */
export function relockAdvice(
  imageName: string,
  lock: ImageLock,
  missing: readonly Source[],
): string | undefined {
  const digests = new Set(missing.map(({sha256}) => sha256));
  const gone = lock.packages
    .filter(({sha256}) => digests.has(sha256))
    .map(({name, version}) => `${name} ${version}`);
  if (gone.length === 0) return undefined;
  const hidden = gone.length - namedPackages;
  const names = gone.slice(0, namedPackages).join(', ') + (hidden > 0 ? ` and ${hidden} more` : '');
  return (
    `${gone.length === 1 ? 'The package' : 'The packages'} ${names} of the image ${imageName} may have left ` +
    `the mirrors: run ${relockCommand(imageName)} for a lock of today.`
  );
}
