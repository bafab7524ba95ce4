import {mkdir, rename} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll} from 'vitest';
import type {ArchiveSet} from './archives.js';
import {outputOf, run} from './run.js';
import type {Finished, RunOptions} from './run.js';
import {makeScratch, removeScratch, unpackedCopy} from './unpack.js';

/** An unpacked archive, as users install it. */
export interface Distribution {
  /** The folder that holds `bin` and `lib`. */
  readonly prefix: string;
  /** `bin/python3.14`, `bin/python3.14td` */
  readonly executable: string;
  /** Runs a program text and returns what it printed. Throws when it fails. */
  readonly python: (program: string, options?: RunOptions) => Promise<string>;
  /** Runs the interpreter with arguments. */
  readonly call: (args: readonly string[], options?: RunOptions) => Promise<Finished>;
}

/** A distribution whose prefix is `prefix`. */
export function distributionAt(prefix: string, archives: ArchiveSet): Distribution {
  const executable = path.join(prefix, 'bin', archives.program);
  return {
    prefix,
    executable,
    python: (program, options) => outputOf(executable, ['-c', program], options),
    call: (args, options) => run(executable, args, options),
  };
}

/**
 * Unpacks the archive that users install into a folder with a space in its name, uses it once there, and moves it: whatever
 * it remembered of its first place would show in every test that follows.
 */
export async function unpackAndMove(scratch: string, archives: ArchiveSet): Promise<Distribution> {
  const first = path.join(scratch, 'first place');
  await unpackedCopy(archives.installed, first);
  await distributionAt(path.join(first, 'python'), archives).python(
    'import ssl, sqlite3, sysconfig; sysconfig.get_config_vars()',
  );
  const second = path.join(scratch, 'second place');
  await mkdir(second);
  await rename(path.join(first, 'python'), path.join(second, 'my python'));
  return distributionAt(path.join(second, 'my python'), archives);
}

/** A distribution that a suite of tests shares, and a folder for what they write. */
export interface SharedDistribution extends Distribution {
  readonly scratch: string;
}

/**
 * Gives the tests of the suite that calls it an unpacked and moved distribution, and removes it after them. The result
 * can be used in tests and in hooks that stand after the call.
 */
export function useDistribution(archives: ArchiveSet): SharedDistribution {
  const shared: Partial<SharedDistribution> = {};
  beforeAll(async () => {
    const scratch = await makeScratch();
    Object.assign(shared, {scratch});
    Object.assign(shared, await unpackAndMove(scratch, archives));
  });
  afterAll(async () => {
    if (shared.scratch !== undefined) await removeScratch(shared.scratch);
  });
  return shared as SharedDistribution;
}
