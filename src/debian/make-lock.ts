import type {Diagnostic, Result} from '../core/errors.js';
import {failure, success} from '../core/errors.js';
import {formatRelation, resolveClosure, type Closure} from './closure.js';
import type {ImageDefinition} from './image-definition.js';
import type {ImageLock, LockedPackage} from './image-lock.js';
import type {PackageIndex} from './package-index.js';

/** The origin of a lock's packages. */
export type LockOrigin = Pick<
  ImageLock,
  'snapshot' | 'releaseDate' | 'releaseSha256' | 'expiredSince'
>;

/**
 * Makes the lock of a definition from a suite's packages, or reports each unavailable package. `file` is the
 * definition's.
 */
export function makeLock(
  definition: ImageDefinition,
  index: PackageIndex,
  {origin, file}: {readonly origin: LockOrigin; readonly file: string},
): Result<ImageLock> {
  const closure = resolveClosure(index, definition.packages);
  const mistakes = mistakesOf(closure, definition);
  if (mistakes.length > 0) return failure(mistakes.map((message) => ({file, message})));
  const {suite, architecture} = definition;
  const packages = closure.packages.map(
    ({name, version, architecture, poolPath, sha256, sizeBytes}): LockedPackage => ({
      name,
      version,
      architecture,
      poolPath,
      sha256,
      sizeBytes,
    }),
  );
  return success({format: 1, suite, architecture, ...origin, packages});
}

function mistakesOf(
  {unsatisfied, conflicts}: Closure,
  {suite}: ImageDefinition,
): readonly Diagnostic['message'][] {
  return [
    ...unsatisfied.map(({by, wanted}) => {
      const names = wanted.map(formatRelation).join(' | ');
      return by === undefined
        ? `"packages": the suite ${suite} has no package ${names}. Name one that it has.`
        : `the package ${by} needs ${names}, which the suite ${suite} does not have. Name another package, or another suite.`;
    }),
    ...conflicts.map(
      ({by, with: other}) =>
        `the package ${by} cannot stand beside ${other}. Name under "packages" which alternative you want.`,
    ),
  ];
}

/** How a lock differs from the one before it, by package name in code-unit order. */
export interface LockChanges {
  readonly added: readonly LockedPackage[];
  readonly removed: readonly LockedPackage[];
  readonly changed: readonly {readonly before: LockedPackage; readonly after: LockedPackage}[];
}

/** Compares the packages of two locks. */
export function compareLocks(before: ImageLock | undefined, after: ImageLock): LockChanges {
  const old = new Map((before?.packages ?? []).map((entry) => [entry.name, entry]));
  const now = new Map(after.packages.map((entry) => [entry.name, entry]));
  return {
    added: after.packages.filter(({name}) => !old.has(name)),
    removed: (before?.packages ?? []).filter(({name}) => !now.has(name)),
    changed: after.packages.flatMap((entry) => {
      const earlier = old.get(entry.name);
      const isSame =
        earlier === undefined ||
        (earlier.sha256 === entry.sha256 &&
          earlier.version === entry.version &&
          earlier.poolPath === entry.poolPath &&
          earlier.architecture === entry.architecture);
      return isSame ? [] : [{before: earlier, after: entry}];
    }),
  };
}
