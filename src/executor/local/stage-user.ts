import type {ChildProcess} from 'node:child_process';
import {open, writeFile, type FileHandle} from 'node:fs/promises';
import path from 'node:path';
import type {TreeOwner} from '../give-tree.js';
import {newMark} from './process-mark.js';
import {runProcess, type ProcessRun} from './run-process.js';

/**
 * The host user that runs the stages of a builder that is root: an id that Debian and systemd assign to nobody, and that
 * the usual 65536 ids of a container include.
 */
export const stageUserId: TreeOwner = {uid: 65_533, gid: 65_533};

/** Two user namespaces, one inside the other, that let root start sandboxes as `stageUserId`. */
export interface StageUser extends AsyncDisposable {
  /** `stageUserId` is root in it, so that it can mount what only root of the host reaches. */
  readonly outer: FileHandle;
  /** `stageUserId` is the sandbox's user in it, and nobody else exists. */
  readonly inner: FileHandle;
}

const mapped = {outer: `0 ${stageUserId.uid} 1\n1 0 1\n`, inner: '1000 0 1'};

/** Where a process finds the outer namespace, and the folder of busybox, while the inner one is made. */
const numbers = {outer: 3, folder: 4} as const;
const waiting = ['sh', '-c', 'echo; read -r _; true'];

/**
 * Makes the namespaces. The files keep them alive.
 * @throws Error when this process may not: without the capabilities to change users, or where the ids are not mapped.
 */
export async function openStageUser(busybox: string, owner: string): Promise<StageUser> {
  const run = (argv: readonly string[], stdio: ProcessRun['stdio']): ProcessRun => ({
    ...{argv: [busybox, ...argv], cwd: '/', environment: {}, stdio, mark: newMark(owner)},
    ...{killAfterMs: 0, isSandbox: true, dropsGroups: true},
  });
  const outer = await whileItWaits(
    run(['unshare', '--user', busybox, ...waiting], ['pipe', 'pipe', 'ignore']),
    async (folder) => {
      for (const file of ['uid_map', 'gid_map']) {
        await writeFile(path.join(folder, file), mapped.outer);
      }
      return open(path.join(folder, 'ns/user'));
    },
  );
  try {
    // In a namespace where it is nobody yet, it may not reach the store by path.
    await using programs = await open(path.dirname(busybox));
    const reachable = path.join(`/proc/self/fd/${numbers.folder}`, path.basename(busybox));
    const enter = ['nsenter', `--user=/proc/self/fd/${numbers.outer}`, busybox];
    const inner = await whileItWaits(
      run(
        [...enter, 'unshare', '--user', reachable, ...waiting],
        ['pipe', 'pipe', 'ignore', outer.fd, programs.fd],
      ),
      async (folder) => {
        const map = `for name in uid gid; do echo ${mapped.inner} >"$0/\${name}_map" || exit 1; done`;
        const argv = [...enter, 'sh', '-c', map, folder];
        const mapping = run(argv, ['ignore', 'ignore', 'ignore', outer.fd]);
        const exit = await runProcess(mapping, new AbortController().signal);
        if (exit.kind !== 'exited' || exit.code !== 0)
          throw new Error('the ids of a user namespace cannot be set');
        return open(path.join(folder, 'ns/user'));
      },
    );
    return {
      ...{outer, inner},
      [Symbol.asyncDispose]: async () => {
        await inner.close();
        await outer.close();
      },
    };
  } catch (error) {
    await outer.close();
    throw error;
  }
}

/** Uses the folder in `/proc` of a process that says when it is ready and then waits for the end of its input. */
async function whileItWaits<T>(run: ProcessRun, use: (folder: string) => Promise<T>): Promise<T> {
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  const isReady = new Promise<boolean>((resolve, reject) => {
    const onStart = (started: ChildProcess): void => {
      child = started;
      started.stdout?.once('data', () => resolve(true));
      started.stdin?.on('error', () => undefined);
    };
    ended = runProcess({...run, onStart}, new AbortController().signal).then(
      () => resolve(false),
      reject,
    );
  });
  try {
    if (!(await isReady)) throw new Error('a user namespace cannot be made');
    return await use(`/proc/${child?.pid}`);
  } finally {
    child?.stdin?.end();
    await ended;
  }
}
