import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {closeSync, openSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Exit} from '../executor.js';
import {ownUser} from '../give-tree.js';
import {exitOf} from './exit.js';
import {inheritedFiles} from './inherited-files.js';
import {killMarked, markVariable, sendSignal} from './process-mark.js';

/** How long to wait for the output of a process that has ended; a surviving process may keep it open. */
const drainMs = 1000;

type Stream = 'ignore' | 'inherit' | 'pipe' | number;

/** A process on this machine, and how to stop it. */
export interface ProcessRun {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The complete environment, except for the mark. */
  readonly environment: Readonly<Record<string, string>>;
  /** Its only open files. Where this process has inherited others, `/dev/null` stands in for them. */
  readonly stdio: readonly Stream[];
  /** Marks its child processes, see `newMark`. */
  readonly mark: string;
  /** The time between TERM and KILL. */
  readonly killAfterMs: number;
  /** Whether it uses this process's terminal, and so stays in its session and process group. */
  readonly usesTerminal?: boolean;
  /** Whether the kernel ends its child processes when it ends by itself. */
  readonly isSandbox?: boolean;
  /** Whether it starts without the supplementary groups of this process, which must be root. */
  readonly dropsGroups?: boolean;
  /** Called at once with the started process. */
  readonly onStart?: (child: ChildProcess) => void;
}

/**
 * Runs a process to its end and kills child processes that outlive it. It has ended when it has exited and its output
 * is closed; output of a process that survives nevertheless is not waited for.
 * @param signal stops it; the promise then resolves to `cancelled`.
 */
export async function runProcess(run: ProcessRun, signal: AbortSignal): Promise<Exit> {
  if (signal.aborted) return {kind: 'cancelled'};
  const child = start(run);
  const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  const closed = once(child, 'close');
  // A failed start is reported by `exited`.
  closed.catch(() => undefined);
  run.onStart?.(child);
  const [code, signalName] = await stoppable(exited, child, run, signal);
  const exit = exitOf(code, signalName, signal.aborted);
  // bubblewrap's child waits forever if its parent was killed before confirming. It is still in the process group.
  if (run.usesTerminal !== true) send(child, run, 'SIGKILL');
  const isOurs = (mark: string): boolean => mark === run.mark;
  const isAlone = run.isSandbox === true && exit.kind === 'exited' && exit.code === 0;
  if (!isAlone) await killMarked(isOurs);
  if (await isWithin(closed, drainMs)) return exit;
  await killMarked(isOurs);
  if (!(await isWithin(closed, drainMs))) child.stdio.forEach((stream) => stream?.destroy());
  return exit;
}

function start(run: ProcessRun): ChildProcess {
  const [command, ...args] = run.argv;
  const covered = inheritedFiles().filter((number) => number >= run.stdio.length);
  const stdio: Stream[] = [...run.stdio];
  const nothing = covered.length === 0 ? undefined : openSync('/dev/null', 'r');
  if (nothing !== undefined) {
    // Numbers without an entry would be passed on as they are.
    while (stdio.length <= Math.max(...covered)) stdio.push('ignore');
    for (const number of covered) stdio[number] = nothing;
  }
  try {
    return spawn(command, args, {
      cwd: run.cwd,
      env: {...run.environment, [markVariable]: run.mark},
      stdio,
      detached: run.usesTerminal !== true,
      // Node drops the groups when it sets a user, though it be the same.
      ...(run.dropsGroups === true && ownUser()),
    });
  } finally {
    if (nothing !== undefined) closeSync(nothing);
  }
}

/** Waits for the end of a process, and stops it when the signal says so. */
async function stoppable<T>(
  exited: Promise<T>,
  child: ChildProcess,
  run: ProcessRun,
  signal: AbortSignal,
): Promise<T> {
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    send(child, run, 'SIGTERM');
    killTimer = setTimeout(() => send(child, run, 'SIGKILL'), run.killAfterMs);
  };
  signal.addEventListener('abort', stop, {once: true});
  try {
    return await exited;
  } finally {
    clearTimeout(killTimer);
    signal.removeEventListener('abort', stop);
  }
}

/** To its process group, if it leads one. */
function send(child: ChildProcess, {usesTerminal}: ProcessRun, name: NodeJS.Signals): void {
  if (usesTerminal === true) child.kill(name);
  else if (child.pid !== undefined) sendSignal(-child.pid, name);
}

async function isWithin(event: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    const late = sleep(ms, false, {signal: timer.signal});
    return await Promise.race([event.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
