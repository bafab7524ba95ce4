import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {pipeline} from 'node:stream/promises';
import {diffArchives, type ArchiveDifference} from '../../archive/diff/diff-archives.js';
import {compressionOf} from '../../archive/read-archive.js';
import {print, printJson} from '../print.js';
import {archiveErrorsAsInput} from '../archive-input.js';
import {differenceText} from './text.js';

/** Options of `ampoule diff`. */
export interface DiffCommandOptions {
  readonly full?: true;
  readonly json?: true;
}

/** How many items of a list are shown per file. */
const shortLimit = 20;

/** Compares two archives and prints how they differ; nothing when they are equal. */
export async function runDiff(
  a: string,
  b: string,
  options: DiffCommandOptions,
  signal: AbortSignal,
): Promise<void> {
  await archiveErrorsAsInput(Promise.all([compressionOf(a), compressionOf(b)]));
  const [digestA, digestB] = await archiveErrorsAsInput(
    Promise.all([digestOf(a, signal), digestOf(b, signal)]),
  );
  const isSame = digestA === digestB;
  const difference = isSame
    ? {fields: [], onlyInA: [], onlyInB: [], changed: []}
    : await compare(a, b, options.full ? Infinity : shortLimit, signal);
  if (!isSame) process.exitCode = 1;
  if (options.json) {
    printJson({format: 1, a, b, isSame, ...difference});
  } else if (!isSame) {
    print(differenceText(difference, options.full ? 'all' : 'short'));
  }
}

async function compare(
  a: string,
  b: string,
  limit: number,
  signal: AbortSignal,
): Promise<ArchiveDifference> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'ampoule-diff-'));
  try {
    return await archiveErrorsAsInput(diffArchives(a, b, {scratch, limit, signal}));
  } finally {
    await rm(scratch, {recursive: true, force: true});
  }
}

async function digestOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash, {signal});
  return hash.digest('hex');
}
