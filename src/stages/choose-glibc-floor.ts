import {failure, success, type Result} from '../core/errors.js';
import type {Target} from '../core/target.js';
import {compareDottedVersions} from '../elf/glibc-floor.js';
import type {Image} from './project.js';

/** The word for "no floor": what the sysroot's suite has. */
export const suiteFloor = 'suite';

/** The release that merged libpthread, libdl, librt and libutil into libc, and start-up code into libc.so.6. */
const merger = '2.34';

/**
 * The glibc version that a build must run on, `undefined` for the sysroot's own. `word` is what the user asked for.
 * Mistakes: an invalid version, or a version that this sysroot cannot be cut to.
 */
export function chooseGlibcFloor(
  word: string | undefined,
  {triple, glibc}: Target,
  sysroot: Image | undefined,
): Result<string | undefined> {
  const {oldest, default: usual} = glibc;
  const floor = word ?? usual;
  if (floor === suiteFloor) return success(undefined);
  if (!/^2\.(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))?$/.test(floor)) {
    return refuse(
      `expected a glibc version such as ${usual}, or "${suiteFloor}", found "${floor}"`,
    );
  }
  if (compareDottedVersions(floor, oldest) < 0) {
    return refuse(
      `${floor} is too old: the compiler's runtime for ${triple}, libgcc_s.so.1, needs glibc ${oldest}`,
    );
  }
  const suite = sysroot?.lock.suite ?? '';
  const own = suiteVersion(sysroot);
  if (own === undefined) return refuse(`the lock of sysroot/${triple} has no package libc6`);
  if (compareDottedVersions(floor, own) > 0) {
    return refuse(
      `${floor} is newer than the sysroot's glibc ${own} (${suite}).\n` +
        `Name ${own} or less, or "${suiteFloor}"; or lock sysroot/${triple} from a later suite.`,
    );
  }
  if (compareDottedVersions(own, merger) >= 0 && compareDottedVersions(floor, merger) < 0) {
    return refuse(
      `${floor} cannot be made from the sysroot's glibc ${own} (${suite}): from ${merger} on its start files run no ` +
        'constructors on an older glibc, and threads are no longer in libpthread.\n' +
        `Name ${merger} to ${own}, or "${suiteFloor}"; or lock sysroot/${triple} from a suite before ${merger} (bullseye).`,
    );
  }
  return success(floor);
}

function refuse(message: string): Result<never> {
  return failure([{file: '--glibc', message}]);
}

function suiteVersion(sysroot: Image | undefined): string | undefined {
  const libc = sysroot?.lock.packages.find(({name}) => name === 'libc6');
  return /^(?:\d+:)?(\d+(?:\.\d+)+)/.exec(libc?.version ?? '')?.[1];
}
