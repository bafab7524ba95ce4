import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Exit} from '../executor.js';
import {exitOf} from './exit.js';
import {killMarked, markVariable, sendSignal} from './process-mark.js';

/** How long the output of a process that has ended is waited for: what outlived it may hold it open. */
const drainMs = 1000;

/** A process of this machine, and how it is ended. */
export interface ProcessRun {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment, but for the mark. */
  readonly environment: Readonly<Record<string, string>>;
  readonly stdio: readonly ('ignore' | 'inherit' | 'pipe' | number)[];
  /** Tells what it starts from all else, see `newMark`. */
  readonly mark: string;
  /** How long after TERM it gets KILL. */
  readonly killAfterMs: number;
  /** It uses this process's terminal, so it stays in its session and process group. */
  readonly usesTerminal?: boolean;
  /** The kernel ends what it has started when it comes to its end by itself. */
  readonly isSandbox?: boolean;
  /** Called at once with the process that was started. */
  readonly onStart?: (child: ChildProcess) => void;
}

/**
 * Runs a process to its end, with all that it starts: whatever of that outlives it is killed. It has ended when it has
 * exited and its output has come to its end; the output of a process that outlives it all the same is not waited for.
 * @param signal stops it; the promise then resolves to `cancelled`.
 */
export async function runProcess(run: ProcessRun, signal: AbortSignal): Promise<Exit> {
  if (signal.aborted) return {kind: 'cancelled'};
  const [command, ...args] = run.argv;
  const child = spawn(command, args, {
    cwd: run.cwd,
    env: {...run.environment, [markVariable]: run.mark},
    stdio: [...run.stdio],
    detached: run.usesTerminal !== true,
  });
  const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  const closed = once(child, 'close');
  // A failed start is told by `exited`.
  closed.catch(() => undefined);
  run.onStart?.(child);
  const [code, signalName] = await stoppable(exited, child, run, signal);
  const exit = exitOf(code, signalName, signal.aborted);
  // bubblewrap's child waits for ever for a parent that was killed before its word. It is still in the group.
  if (run.usesTerminal !== true) send(child, run, 'SIGKILL');
  const isOurs = (mark: string): boolean => mark === run.mark;
  const isAlone = run.isSandbox === true && exit.kind === 'exited' && exit.code === 0;
  if (!isAlone) await killMarked(isOurs);
  if (await isWithin(closed, drainMs)) return exit;
  await killMarked(isOurs);
  if (!(await isWithin(closed, drainMs))) child.stdio.forEach((stream) => stream?.destroy());
  return exit;
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

/** To the whole process group that it leads, if it does. */
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
