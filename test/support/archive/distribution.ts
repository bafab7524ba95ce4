import {mkdir, rename} from 'node:fs/promises';
import path from 'node:path';
import type {ArchivePair} from './archives.js';
import {outputOf, run} from './run.js';
import type {Finished, RunOptions} from './run.js';
import {unpack} from './unpack.js';

/** An unpacked install-only archive. */
export interface Distribution {
  /** The folder that holds `bin` and `lib`. */
  readonly prefix: string;
  /** `bin/python3.14` */
  readonly executable: string;
  /** Runs a program text and returns what it printed. Throws when it fails. */
  readonly python: (program: string, options?: RunOptions) => Promise<string>;
  /** Runs the interpreter with arguments. */
  readonly call: (args: readonly string[], options?: RunOptions) => Promise<Finished>;
}

/** A distribution whose prefix is `prefix`. */
export function distributionAt(prefix: string, pair: ArchivePair): Distribution {
  const executable = path.join(prefix, 'bin', `python${pair.majorMinor}`);
  return {
    prefix,
    executable,
    python: (program, options) => outputOf(executable, ['-c', program], options),
    call: (args, options) => run(executable, args, options),
  };
}

/**
 * Unpacks the install-only archive into a folder with a space in its name, uses it once there, and moves it: whatever
 * it remembered of its first place would show in every test that follows.
 */
export async function unpackAndMove(scratch: string, pair: ArchivePair): Promise<Distribution> {
  const first = path.join(scratch, 'first place');
  await unpack(pair.installOnly, first);
  await distributionAt(path.join(first, 'python'), pair).python(
    'import ssl, sqlite3, sysconfig; sysconfig.get_config_vars()',
  );
  const second = path.join(scratch, 'second place');
  await mkdir(second);
  await rename(path.join(first, 'python'), path.join(second, 'my python'));
  return distributionAt(path.join(second, 'my python'), pair);
}
