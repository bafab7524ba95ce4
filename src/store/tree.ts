import {createHash} from 'node:crypto';
import {closeSync, openSync, readSync} from 'node:fs';
import {chmod, lstat, lutimes, readdir, readlink, utimes} from 'node:fs/promises';
import path from 'node:path';
import {setImmediate} from 'node:timers/promises';
import {artifactDigestOf, compareCodeUnits, type ArtifactDigest} from '../core/digest.js';
import {BuildError} from '../core/errors.js';

/** The time of every file and directory of an artifact, because digests do not include times. 2000-01-01. */
export const artifactMtimeSeconds = 946_684_800;

/** The output of a stage contains something that artifacts do not support. */
export class UnsupportedEntryError extends BuildError {
  override readonly name = 'UnsupportedEntryError';
  readonly code = 'E_UNSUPPORTED_ENTRY';
}

/** What a walk does with each entry, besides listing it. */
type Treatment = 'normalise' | 'leave';

/** Gives every entry of a tree its canonical mode (0644 or 0755) and time, and returns the tree's digest. */
export async function normaliseTree(root: string): Promise<ArtifactDigest> {
  return artifactDigestOf(await listTree(root, 'normalise'));
}

/** The digest of a tree: path, type, executable bit, content sha256 and link target of every entry. */
export async function digestTree(root: string): Promise<ArtifactDigest> {
  return artifactDigestOf(await listTree(root, 'leave'));
}

/** The problem of the tree that is stored under a digest; `undefined` if there is none. */
export async function treeProblem(root: string, wanted: string): Promise<string | undefined> {
  try {
    return digestProblem(wanted, await digestTree(root));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The text for a wrong digest. */
export function digestProblem(wanted: string, got: string): string | undefined {
  return wanted === got
    ? undefined
    : `wanted digest ${wanted.slice(0, 12)}, got ${got.slice(0, 12)}`;
}

/** Yields to the event loop this often, so that output and signals are still handled. */
const sliceMs = 25;

async function listTree(root: string, treatment: Treatment): Promise<string> {
  const lines: string[] = [];
  let sliceStart = performance.now();

  const visit = async (relative: string): Promise<void> => {
    if (performance.now() - sliceStart > sliceMs) {
      await setImmediate();
      sliceStart = performance.now();
    }
    const absolute = path.join(root, relative);
    const stats = await lstat(absolute);
    const isExecutable = stats.isDirectory() || (stats.mode & 0o100) !== 0;
    if (treatment === 'normalise') await normaliseEntry(absolute, stats, isExecutable);
    if (stats.isDirectory()) {
      lines.push(`d ${JSON.stringify(relative)}`);
      const names = await readdir(absolute);
      for (const name of names.sort(compareCodeUnits)) await visit(path.join(relative, name));
      // Again, because the entries have been touched since.
      if (treatment === 'normalise')
        await utimes(absolute, artifactMtimeSeconds, artifactMtimeSeconds);
    } else if (stats.isSymbolicLink()) {
      lines.push(`l ${JSON.stringify(relative)} ${JSON.stringify(await readlink(absolute))}`);
    } else if (stats.isFile()) {
      const kind = isExecutable ? 'x' : 'f';
      lines.push(`${kind} ${JSON.stringify(relative)} ${hashFile(absolute)}`);
    } else {
      throw new UnsupportedEntryError(
        `The output holds ${relative}, which is neither a file, a directory nor a symbolic link.\n` +
          'Artifacts hold nothing else: remove it at the end of the script.',
      );
    }
  };

  await visit('');
  return lines.join('\n');
}

async function normaliseEntry(
  absolute: string,
  stats: {isSymbolicLink: () => boolean; mode: number},
  isExecutable: boolean,
): Promise<void> {
  if (stats.isSymbolicLink()) {
    await lutimes(absolute, artifactMtimeSeconds, artifactMtimeSeconds);
    return;
  }
  const mode = isExecutable ? 0o755 : 0o644;
  if ((stats.mode & 0o7777) !== mode) await chmod(absolute, mode);
  await utimes(absolute, artifactMtimeSeconds, artifactMtimeSeconds);
}

const buffer = Buffer.allocUnsafe(1 << 18);

/** sha256 of a file, hex. Synchronous: for the many small files of an artifact, promises cost more than the reads. */
export function hashFile(absolute: string): string {
  const hash = createHash('sha256');
  const descriptor = openSync(absolute, 'r');
  try {
    for (;;) {
      const length = readSync(descriptor, buffer, 0, buffer.length, null);
      if (length === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}
