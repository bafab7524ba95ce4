import {BuildError} from '../../core/errors.js';
import type {Exit, StageLimits} from '../executor.js';
import {OutOfMemoryError} from '../out-of-memory-error.js';
import {openCgroups, type Cgroups} from './cgroups.js';

/** How the limits of the stages of a `local` executor are enforced. */
export interface Limiter extends AsyncDisposable {
  /** How, for the user; `undefined` if there are no limits. */
  readonly method: string | undefined;
  /** Shell text that a process of the sandbox runs before anything else; empty for none. */
  readonly inside: string;
  /**
   * Runs a stage under the limits.
   * @param start runs it, given shell text that its first process on the host runs before anything else.
   * @throws OutOfMemoryError when it failed after the kernel killed one of its processes for lack of memory.
   */
  run(name: string, start: (outside: string) => Promise<Exit>): Promise<Exit>;
}

/** A limit cannot be enforced on this machine. */
export class LimitUnavailableError extends BuildError {
  override readonly name = 'LimitUnavailableError';
  readonly code = 'E_LIMIT_UNAVAILABLE';
}

/** What `openLimiter` needs to know. */
export interface LimiterOptions {
  /** This process, as part of the names of groups: see `isOfDead`. */
  readonly owner: string;
  readonly isOfDead: (name: string) => Promise<boolean>;
  /** Whether stages run as root of this machine. */
  readonly isRoot: boolean;
}

/**
 * Enforces limits by control groups where this process may make them, otherwise by limits of single processes.
 * @throws LimitUnavailableError when neither can.
 */
export async function openLimiter(limits: StageLimits, options: LimiterOptions): Promise<Limiter> {
  const nothing = (): Promise<void> => Promise.resolve();
  if (limits.memoryBytes === undefined && limits.pids === undefined) {
    const run: Limiter['run'] = (_name, start) => start('');
    return {method: undefined, inside: '', run, [Symbol.asyncDispose]: nothing};
  }
  try {
    return byCgroups(await openCgroups(limits, options.owner, options.isOfDead), limits);
  } catch (error) {
    return {
      ...byResourceLimits(limits, options, (error as Error).message),
      [Symbol.asyncDispose]: nothing,
    };
  }
}

function byCgroups(cgroups: Cgroups, {memoryBytes}: StageLimits): Limiter {
  return {
    method: 'limits are kept by control groups, for each stage as a whole',
    inside: '',
    run: async (name, start) => {
      await using groups = await cgroups.open(name);
      const enter = groups.folders.map((folder) => `echo $$ >${quoted(`${folder}/cgroup.procs`)}`);
      const exit = await start(`${enter.join(' && ')} || exit 125`);
      const hasFailed = exit.kind === 'signalled' || (exit.kind === 'exited' && exit.code !== 0);
      if (hasFailed && (await groups.hasRunOut())) throw new OutOfMemoryError(memoryBytes);
      return exit;
    },
    [Symbol.asyncDispose]: () => cgroups[Symbol.asyncDispose](),
  };
}

const remedy =
  'Next: `systemd-run --user --scope --property Delegate=yes ampoule ...`, where systemd has a session of yours; ' +
  'in a container, a writable /sys/fs/cgroup; or --executor docker';

function byResourceLimits(
  {memoryBytes, pids}: StageLimits,
  {isRoot}: LimiterOptions,
  reason: string,
): Omit<Limiter, typeof Symbol.asyncDispose> {
  if (isRoot && pids !== undefined) {
    throw new LimitUnavailableError(
      `--pids-limit cannot be kept: stages run as root, whose processes the kernel counts only in control groups, and ` +
        `those cannot be used (${reason})\n${remedy}`,
    );
  }
  const inside = [
    ...(memoryBytes === undefined ? [] : [`ulimit -d ${Math.floor(memoryBytes / 1024)}`]),
    // dash and busybox have -p, bash has -u.
    ...(pids === undefined ? [] : [`{ ulimit -p ${pids} 2>/dev/null || ulimit -u ${pids}; }`]),
  ];
  const meanings = [
    ...(memoryBytes === undefined ? [] : ['--memory limits the data of each process']),
    ...(pids === undefined ? [] : ["--pids-limit limits all processes of the stages' user"]),
  ];
  return {
    method: `${meanings.join(', and ')}: control groups cannot be used (${reason})\n${remedy}`,
    inside: `${inside.join(' && ')} || exit 125; `,
    run: (_name, start) => start(''),
  };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
