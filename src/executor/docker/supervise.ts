import type {Container} from 'dockerode';
import type {Exit} from '../executor.js';
import {ask, type Engine} from './engine.js';
import {OutOfMemoryError} from './engine-error.js';

const killAfterMs = 5000;
/** An engine that does not even answer a KILL is given up; the next run clears what it left. */
const giveUpAfterMs = 10_000;

/** How a started container is watched. */
export interface Supervision {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  readonly memoryBytes: number | undefined;
}

/**
 * Waits for a started container, and stops it when the signal says so: TERM for all its processes, then KILL.
 * @throws OutOfMemoryError when it failed after the kernel had killed a process of it for want of memory;
 *   EngineLostError when the engine goes away.
 */
export async function superviseContainer(
  container: Container,
  {engine, signal, memoryBytes}: Supervision,
): Promise<Exit> {
  const timers: NodeJS.Timeout[] = [];
  const stopping = new Promise<'given up'>((resolve) => {
    const stop = (): void => {
      void terminate(container);
      const kill = (): void => void container.kill().catch(() => undefined);
      timers.push(setTimeout(kill, killAfterMs), setTimeout(resolve, giveUpAfterMs, 'given up'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, {once: true});
  });
  try {
    const waiting = ask(engine, 'a stage ran', () => container.wait() as Promise<unknown>);
    const ended = await Promise.race([waiting, stopping]);
    if (signal.aborted || ended === 'given up') return {kind: 'cancelled'};
    const {State: state} = await ask(engine, 'a stage ended', () => container.inspect());
    if (state.OOMKilled && state.ExitCode !== 0) throw new OutOfMemoryError(memoryBytes);
    return {kind: 'exited', code: state.ExitCode};
  } finally {
    timers.forEach(clearTimeout);
  }
}

/** The engine itself signals only the first process, which ignores it: one inside signals all others. */
async function terminate(container: Container): Promise<void> {
  try {
    const Cmd = ['/bin/sh', '-c', 'kill -TERM -1'];
    const execution = await container.exec({Cmd, User: '1000:1000'});
    await execution.start({Detach: true});
  } catch {
    // It ended at the same time, or KILL will do it.
  }
}
