import {chmod, lstat, lutimes, readdir, readlink, utimes} from 'node:fs/promises';
import path from 'node:path';
import {
  artifactDigestOf,
  compareCodeUnits,
  type ArtifactDigest,
  type Sha256,
} from '../core/digest.js';
import {BuildError} from '../core/errors.js';
import {hashFile, Slices} from './hash-file.js';

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
export async function normaliseTree(root: string, signal?: AbortSignal): Promise<ArtifactDigest> {
  return artifactDigestOf(await listTree(root, 'normalise', signal));
}

/** The digest of a tree: path, type, executable bit, content sha256 and link target of every entry. */
export async function digestTree(root: string, signal?: AbortSignal): Promise<ArtifactDigest> {
  return artifactDigestOf(await listTree(root, 'leave', signal));
}

/** The digest of a tree that holds one file only, which nobody may execute. */
export function digestOfFile(name: string, sha256: Sha256): ArtifactDigest {
  return artifactDigestOf(`d ""\nf ${JSON.stringify(name)} ${sha256}`);
}

/** The problem of the tree that is stored under a digest; `undefined` if there is none. */
export async function treeProblem(
  root: string,
  wanted: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    return digestProblem(wanted, await digestTree(root, signal));
  } catch (error) {
    signal?.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
}

/** The text for a wrong digest. */
export function digestProblem(wanted: string, got: string): string | undefined {
  return wanted === got
    ? undefined
    : `wanted digest ${wanted.slice(0, 12)}, got ${got.slice(0, 12)}`;
}

async function listTree(
  root: string,
  treatment: Treatment,
  signal: AbortSignal | undefined,
): Promise<string> {
  const lines: string[] = [];
  const slices = new Slices(signal);

  const visit = async (relative: string): Promise<void> => {
    if (slices.isOver) await slices.rest();
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
      lines.push(`${kind} ${JSON.stringify(relative)} ${await hashFile(absolute, slices)}`);
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
