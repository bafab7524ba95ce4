import {readFile, statfs} from 'node:fs/promises';
import path from 'node:path';
import {BuildError} from '../core/errors.js';

/** A file system is full. */
export class FullDiskError extends BuildError {
  override readonly name = 'FullDiskError';
  readonly code = 'E_FULL_DISK';
}

/**
 * Replaces the system's error by one that names the full file system and what to do; `undefined` if `error` has another
 * cause.
 * @param folder the folder written to, if the error does not contain it.
 * @param elsewhere how to name another folder: `--store or AMPOULE_STORE`.
 */
export async function asFullDisk(
  error: unknown,
  folder: string,
  elsewhere: string,
): Promise<FullDiskError | undefined> {
  if (!isSystemError(error)) return undefined;
  if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') return undefined;
  const file = error.dest ?? error.path ?? folder;
  // A path elsewhere, such as /proc, is not the cause.
  const place = path.isAbsolute(file) ? file : folder;
  return new FullDiskError(
    `No space is left for ${place} (${error.message.split(',')[0] ?? ''}).\n` +
      `${await describeSpace(place)}\n` +
      `Free some space there, or name a folder on another file system with ${elsewhere}; then run the same ` +
      'command again: what is finished is kept.',
    {cause: error},
  );
}

/** A sentence with the file system of a path and its free space. */
export async function describeSpace(place: string): Promise<string> {
  const {mountPoint, type} = await fileSystemOf(place);
  const {bavail, blocks, bsize, ffree, files} = await statfs(mountPoint);
  const megabytes = (count: number): string => `${((count * bsize) / 1e6).toFixed(1)} MB`;
  const inodes = files > 0 ? `, and ${ffree} of ${files} inodes` : '';
  return `The file system ${mountPoint} (${type}) has ${megabytes(bavail)} of ${megabytes(blocks)} free${inodes}.`;
}

/** Whether the file system is almost full. */
export async function isAlmostFull(place: string): Promise<boolean> {
  const {bavail, bsize, ffree, files} = await statfs(place);
  return bavail * bsize < 1 << 20 || (files > 0 && ffree < 16);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & {readonly dest?: string} {
  return error instanceof Error && 'code' in error;
}

async function fileSystemOf(place: string): Promise<{mountPoint: string; type: string}> {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  const mounts = text.split('\n').flatMap((line) => {
    const match = /^\d+ \d+ \S+ \S+ (\S+) .* - (\S+) /.exec(line);
    if (match === null) return [];
    const [, mountPoint = '', type = ''] = match;
    return [{mountPoint: unescape(mountPoint), type}];
  });
  const holds = (mountPoint: string): boolean =>
    mountPoint === '/' || place === mountPoint || place.startsWith(`${mountPoint}/`);
  // A later mount hides earlier ones.
  return mounts
    .filter(({mountPoint}) => holds(mountPoint))
    .reduce((best, mount) => (mount.mountPoint.length >= best.mountPoint.length ? mount : best), {
      mountPoint: '/',
      type: 'unknown',
    });
}

/** The kernel escapes white space as three octal digits and leaves other bytes unchanged. */
function unescape(name: string): string {
  return name.replace(/\\([0-7]{3})/g, (_whole, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
