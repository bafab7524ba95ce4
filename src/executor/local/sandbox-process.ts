import {stat} from 'node:fs/promises';
import {ownUser} from '../give-tree.js';
import {maskedPaths, readOnlyPaths} from '../kernel-paths.js';
import {inheritedFiles} from './inherited-files.js';
import type {ProcessRun} from './run-process.js';
import type {StageUser} from './stage-user.js';

/** How to start bubblewrap on this host: the command, and arguments that precede bubblewrap's own. */
export interface SandboxTool {
  readonly command: string;
  /** The working directory to start it in, because its paths may be relative. */
  readonly directory: string;
  readonly leadingArguments: readonly string[];
  /** Host path of a shell, and of what enters namespaces. */
  readonly busybox: string;
  /** For a builder that is root: who runs the stages instead. */
  readonly user?: StageUser;
  /** Why a builder that is root runs its stages as root. */
  readonly rootReason?: string;
}

/** Numbers of the open files that bubblewrap may be given beside its input and output. */
const numbers = {gate: 3, filter: 4, outer: 5, inner: 6} as const;

/** Shell text that closes those that bubblewrap passes on, except the gate. */
export const closeNamespaces = `exec ${numbers.outer}>&- ${numbers.inner}>&-`;

/** The open files of a sandbox. */
export interface SandboxStreams {
  /** Its input and output. */
  readonly standard: readonly [Stream, Stream, Stream];
  /** A socket to the launcher, as its file 3. */
  readonly gate?: 'pipe';
  /** A file with a program for `seccomp`, not read yet. */
  readonly filter: number;
}

type Stream = ProcessRun['stdio'][number];

/**
 * bubblewrap with its arguments as a process.
 * @param before shell text that the process runs first; empty for none.
 */
export function sandboxProcess(
  {busybox, command, directory, leadingArguments, user}: SandboxTool,
  argv: readonly string[],
  {filter, gate, standard}: SandboxStreams,
  before = '',
): Pick<ProcessRun, 'argv' | 'cwd' | 'environment' | 'stdio' | 'isSandbox' | 'dropsGroups'> {
  const stdio: readonly Stream[] = [
    ...standard,
    gate ?? 'ignore',
    filter,
    ...(user === undefined ? [] : [user.outer.fd, user.inner.fd]),
  ];
  // bubblewrap reads arguments from these, of which there are none, and closes them.
  const closed = inheritedFiles().filter((number) => number >= stdio.length);
  const entered =
    user === undefined
      ? ([command] as const)
      : ([busybox, 'nsenter', `--user=/proc/self/fd/${numbers.outer}`, command] as const);
  const shell = [busybox, 'sh', '-c', `${before}; exec "$@"`, 'sh'] as const;
  const sandbox = [
    ...leadingArguments,
    ...closed.flatMap((number) => ['--args', String(number)]),
    ...['--seccomp', String(numbers.filter)],
    ...argv,
  ];
  return {
    argv: before === '' ? [...entered, ...sandbox] : [...shell, ...entered, ...sandbox],
    cwd: directory,
    environment: {},
    stdio,
    isSandbox: true,
    dropsGroups: user !== undefined,
  };
}

/**
 * The namespaces, identity and limits of the sandbox contract, before any mount. Does not include a separate session:
 * see `Executor.attach`.
 */
export function isolationArguments({user}: SandboxTool): readonly string[] {
  return [
    ...(user === undefined
      ? ['--unshare-user', '--uid', '1000', '--gid', '1000']
      : ['--userns2', String(numbers.inner)]),
    ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts'],
    ...['--unshare-cgroup-try', '--hostname', 'ampoule'],
    ...['--cap-drop', 'ALL', '--die-with-parent', '--clearenv'],
  ];
}

/** Where not only root writes: settings that belong to the namespaces of a stage, and requests to be told of pressure. */
const openToOthers = new Set(['/proc/pressure', '/proc/sys']);

/** Arguments that cover what `/proc` tells of the machine. Follows `--proc /proc` and `--dev /dev`. */
export async function coverArguments({user}: SandboxTool): Promise<readonly string[]> {
  const isRoot = user === undefined && ownUser().uid === 0;
  const masks = maskedPaths.map(async (place) => {
    const stats = await stat(place).catch(() => undefined);
    // Each mount takes time: what only root reads or writes needs none unless root runs the stage.
    const isOpen = stats !== undefined && (isRoot || (stats.mode & 0o006) !== 0);
    if (!isOpen) return [];
    return stats.isDirectory()
      ? ['--tmpfs', place, '--remount-ro', place]
      : ['--dev-bind', '/dev/null', place];
  });
  const settings = readOnlyPaths.map(async (place) => {
    const isOpen = isRoot || openToOthers.has(place);
    const isThere = isOpen && (await stat(place).catch(() => undefined)) !== undefined;
    return isThere ? ['--ro-bind', place, place] : [];
  });
  return (await Promise.all([...settings, ...masks])).flat();
}
