import {countOf} from '../../report/lines.js';
import type {ImageDefinition} from '../../debian/image-definition.js';
import type {ImageLock} from '../../debian/image-lock.js';
import type {LockChanges} from '../../debian/make-lock.js';
import type {SignedSuite} from '../../fetch/fetch-suite.js';
import type {ImageFolder} from '../../builder/image-folder.js';

/** A definition and its present lock, if readable. */
export interface ImageToLock {
  readonly folder: ImageFolder;
  readonly definition: ImageDefinition;
  readonly before: ImageLock | undefined;
}

/** The result of locking an image. */
export interface NewLock {
  readonly image: ImageToLock;
  readonly suite: SignedSuite;
  readonly lock: ImageLock;
  readonly changes: LockChanges;
  readonly outcome: 'unchanged' | 'changed' | 'new';
}

/** Formats the result for a lock: a line for the file and one for each changed package. */
export function formatLock({image, lock, changes, outcome}: NewLock): string {
  const {added, removed, changed} = changes;
  const lines = [
    `${image.folder.lockFile}: ${outcome}, ${countOf(lock.packages.length, 'package')} of ${lock.suite} as of ${lock.releaseDate}`,
    ...added.map(({name, version}) => `  added    ${name} ${version}`),
    ...removed.map(({name, version}) => `  removed  ${name} ${version}`),
    ...changed.map(({before, after}) =>
      before.version === after.version
        ? `  changed  ${after.name} ${after.version}: other bytes`
        : `  changed  ${after.name} ${before.version} -> ${after.version}`,
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The same for all locks. */
export function locksAsJson(locks: readonly NewLock[]): object {
  const nameAndVersion = ({name, version}: {readonly name: string; readonly version: string}) => ({
    name,
    version,
  });
  const images = locks.map(({image, suite, lock, changes, outcome}) => ({
    image: image.folder.name,
    file: image.folder.lockFile,
    outcome,
    suite: lock.suite,
    mirror: suite.base,
    releaseDate: suite.release.date,
    expiredSince: suite.expiredSince,
    packages: lock.packages.length,
    added: changes.added.map(nameAndVersion),
    removed: changes.removed.map(nameAndVersion),
    changed: changes.changed.map(({before, after}) => ({
      name: after.name,
      before: before.version,
      after: after.version,
    })),
  }));
  return {images};
}
