import type {ContainerCreateOptions, MountSettings} from 'dockerode';
import type {Execution, ExecutionLimits, StageLimits} from '../executor.js';
import {environmentArguments} from '../workspace.js';
import type {Engine} from './engine.js';
import {isolationOf, ownedLabels} from './helper.js';
import type {RunOwner} from './labels.js';

/** Where the output of a stage's command goes. */
export type OutputKind =
  /** Both streams are merged, so that lines keep their order. */
  'together' | 'apart' | 'terminal';

/** A stage's container, but for its image. */
export interface StageContainer {
  readonly execution: Execution;
  readonly limits: ExecutionLimits;
  readonly stageLimits: StageLimits;
  readonly mounts: readonly MountSettings[];
  readonly makeflags: string;
  readonly owner: RunOwner;
  readonly output: OutputKind;
  /** The rules for system calls, see `placeProfile`. */
  readonly seccomp: string;
}

/**
 * Removes undeclared variables, which the engine and the shell that sets the umask add. The shell stays the first
 * process: it adopts orphans, and a first process ignores signals that it does not handle.
 */
const launcher = 'umask 022; /usr/bin/env -i "$@"; exit $?';
const tmpfs = 'rw,exec,nosuid,nodev,mode=1777';

/** The request that makes a stage's container: the sandbox contract as engine options. */
export function containerOptions(engine: Engine, image: string, stage: StageContainer): ContainerCreateOptions {
  const {execution, limits, stageLimits, makeflags, mounts, output, owner, seccomp} = stage;
  const {memoryBytes, pids} = stageLimits;
  const isAttached = output !== 'together';
  return {
    Image: image,
    Labels: ownedLabels('stage', owner),
    Hostname: 'ampoule',
    User: '1000:1000',
    WorkingDir: '/build',
    Entrypoint: [],
    Cmd: [
      ...['/bin/sh', '-c', isAttached ? launcher : `exec 2>&1; ${launcher}`, 'launcher'],
      ...environmentArguments(execution, limits, makeflags),
      ...execution.argv,
    ],
    Tty: output === 'terminal',
    OpenStdin: isAttached,
    StdinOnce: isAttached,
    AttachStdin: isAttached,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      ...isolationOf(engine, seccomp),
      ReadonlyRootfs: true,
      IpcMode: 'private',
      Tmpfs: {'/tmp': tmpfs, '/dev/shm': tmpfs},
      Mounts: [...mounts],
      // The same limit including swap, so that nothing is swapped out instead.
      ...(memoryBytes !== undefined && {Memory: memoryBytes, MemorySwap: memoryBytes}),
      ...(pids !== undefined && {PidsLimit: pids}),
    },
  };
}
