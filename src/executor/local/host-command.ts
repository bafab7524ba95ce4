import {spawn, type ChildProcess} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {readdir, readFile} from 'node:fs/promises';
import {SystemFailureError} from '../../core/errors.js';
import type {Exit} from '../executor.js';
import type {HostCommand} from '../host-command.js';
import {exitOf} from './exit.js';

const killAfterMs = 2000;
/** How long to wait for the output of a program that has ended; a surviving process may keep it open. */
const drainMs = 1000;
/** Marks every process of a run, so that processes that left its process group are found too. */
const markVariable = 'AMPOULE_RUN';

/** Runs a program on this machine in a process group of its own. */
export async function runHostCommand(command: HostCommand, signal: AbortSignal): Promise<Exit> {
  if (signal.aborted) return {kind: 'cancelled'};
  const mark = `${markVariable}=${randomUUID()}`;
  const [program, ...args] = command.argv;
  const child = spawn(program, args, {
    cwd: command.cwd,
    env: {...command.environment, [markVariable]: mark.slice(markVariable.length + 1)},
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdout.on('data', command.onOutput);
  child.stderr.on('data', command.onOutput);
  let killTimer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    signalGroup(child, 'SIGTERM');
    killTimer = setTimeout(() => {
      signalGroup(child, 'SIGKILL');
    }, killAfterMs);
  };
  signal.addEventListener('abort', stop, {once: true});
  try {
    const [code, signalName] = await endOf(child, program);
    return exitOf(code, signalName, signal.aborted);
  } finally {
    clearTimeout(killTimer);
    signal.removeEventListener('abort', stop);
    signalGroup(child, 'SIGKILL');
    await killMarked(mark);
  }
}

type End = readonly [code: number | null, signal: NodeJS.Signals | null];

function endOf(child: ChildProcess, program: string): Promise<End> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new SystemFailureError(`starting ${program}`, error));
    });
    let drainTimer: NodeJS.Timeout | undefined;
    child.once('exit', () => {
      signalGroup(child, 'SIGKILL');
      drainTimer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, drainMs);
    });
    child.once('close', (code, signal) => {
      clearTimeout(drainTimer);
      resolve([code, signal]);
    });
  });
}

function signalGroup({pid}: ChildProcess, name: NodeJS.Signals): void {
  if (pid !== undefined) signalProcess(-pid, name);
}

/** Kills processes with the mark in their environment; twice, because a killed one may just have started another. */
async function killMarked(mark: string): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    const names = await readdir('/proc').catch(() => []);
    const ids = names.filter((name) => /^\d+$/.test(name));
    const marked = await Promise.all(
      ids.map(async (id) => {
        // Processes of other users are unreadable and not ours.
        const environment = await readFile(`/proc/${id}/environ`, 'latin1').catch(() => '');
        return environment.split('\0').includes(mark) ? [Number(id)] : [];
      }),
    );
    const found = marked.flat();
    if (found.length === 0) return;
    for (const id of found) signalProcess(id, 'SIGKILL');
  }
}

function signalProcess(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    // It has ended, or is no longer ours.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
