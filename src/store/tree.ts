import {chmod, lstat, lutimes, readdir, readlink, utimes} from 'node:fs/promises';
import path from 'node:path';
import {
  artifactDigestOf,
  compareCodeUnits,
  type ArtifactDigest,
  type Sha256,
} from '../core/digest.js';
import {
  isMisread,
  longestPath,
  longPath,
  misreadName,
  specialEntry,
  tooLarge,
} from '../core/output-error.js';
import {messageOf} from '../core/errors.js';
import {hashFile, Slices} from './hash-file.js';

/** The time of every file and directory of an artifact, because digests do not include times. 2000-01-01. */
export const artifactMtimeSeconds = 946_684_800;

/** Bounds of a walk over a tree. */
export interface TreeBounds {
  /** Stops the walk, inside a large file too. */
  readonly signal?: AbortSignal;
  /** The largest sum of the sizes of files. */
  readonly limitBytes?: number;
}

/**
 * Gives every entry of a tree its canonical mode (0644 or 0755) and time, and returns the tree's digest.
 * @throws StageOutputError if it holds something that artifacts do not support.
 */
export async function normaliseTree(root: string, bounds?: TreeBounds): Promise<ArtifactDigest> {
  return artifactDigestOf(await new Listing(root, 'normalise', bounds).make());
}

/** The digest of a tree: path, type, executable bit, content sha256 and link target of every entry. */
export async function digestTree(root: string, bounds?: TreeBounds): Promise<ArtifactDigest> {
  return artifactDigestOf(await new Listing(root, 'leave', bounds).make());
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
    return digestProblem(wanted, await digestTree(root, {...(signal !== undefined && {signal})}));
  } catch (error) {
    signal?.throwIfAborted();
    return messageOf(error);
  }
}

/** The text for a wrong digest. */
export function digestProblem(wanted: string, got: string): string | undefined {
  return wanted === got
    ? undefined
    : `expected digest ${wanted.slice(0, 12)}, found ${got.slice(0, 12)}`;
}

/** One walk over a tree. */
class Listing {
  private readonly lines: string[] = [];
  private readonly slices: Slices;
  private readonly limitBytes: number;
  private totalBytes = 0;

  constructor(
    private readonly root: string,
    /** What the walk does with each entry, besides listing it. */
    private readonly treatment: 'normalise' | 'leave',
    {signal, limitBytes = Infinity}: TreeBounds = {},
  ) {
    this.slices = new Slices(signal);
    this.limitBytes = limitBytes;
  }

  async make(): Promise<string> {
    await this.visit('');
    return this.lines.join('\n');
  }

  private async visit(relative: string): Promise<void> {
    if (this.slices.isOver) await this.slices.rest();
    if (relative.length > longestPath / 4 && Buffer.byteLength(relative) > longestPath) {
      throw longPath(relative);
    }
    const absolute = path.join(this.root, relative);
    const stats = await lstat(absolute);
    const isExecutable = stats.isDirectory() || (stats.mode & 0o100) !== 0;
    if (this.treatment === 'normalise') await normaliseEntry(absolute, stats, isExecutable);
    if (stats.isDirectory()) {
      this.lines.push(`d ${JSON.stringify(relative)}`);
      await this.visitAll(relative, absolute);
      // Again, because the entries have been touched since.
      if (this.treatment === 'normalise')
        await utimes(absolute, artifactMtimeSeconds, artifactMtimeSeconds);
    } else if (stats.isSymbolicLink()) {
      const target = await readlink(absolute);
      if (isMisread(target)) throw misreadName(relative);
      this.lines.push(`l ${JSON.stringify(relative)} ${JSON.stringify(target)}`);
    } else if (stats.isFile()) {
      this.totalBytes += stats.size;
      if (this.totalBytes > this.limitBytes) throw tooLarge(relative, this.limitBytes);
      const digest = await hashFile(absolute, this.slices);
      this.lines.push(`${isExecutable ? 'x' : 'f'} ${JSON.stringify(relative)} ${digest}`);
    } else {
      throw specialEntry(relative);
    }
  }

  private async visitAll(relative: string, absolute: string): Promise<void> {
    const names = await readdir(absolute);
    if (names.some(isMisread)) {
      throw misreadName(path.join(relative, await firstMisread(absolute)));
    }
    for (const name of names.sort(compareCodeUnits)) await this.visit(path.join(relative, name));
  }
}

/** The first name of a folder that is no UTF-8, with its bytes beyond ASCII escaped. */
async function firstMisread(folder: string): Promise<string> {
  const names = await readdir(folder, {encoding: 'buffer'});
  const [first = Buffer.alloc(0)] = names
    .filter((name) => isMisread(name.toString()))
    .sort((left, right) => Buffer.compare(left, right));
  return first
    .toString('latin1')
    .replace(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
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
