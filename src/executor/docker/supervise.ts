import type {Container, ContainerInspectInfo} from 'dockerode';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Exit} from '../executor.js';
import {OutOfMemoryError} from '../out-of-memory-error.js';
import {ask, type Engine} from './engine.js';

const killAfterMs = 5000;
/** A container that KILL does not end is left to its removal. */
const leaveAfterMs = 10_000;
/** An engine that has not removed it by then is abandoned; the next run removes what it left. */
const abandonAfterMs = 15_000;

/** How a started container is watched. */
export interface Supervision {
  readonly engine: Engine;
  /** Resolves when the container's output has ended, or the connection with the engine. */
  readonly outputEnded: Promise<void>;
  readonly signal: AbortSignal;
  readonly memoryBytes: number | undefined;
}

/**
 * Waits for a started container, and stops it when the signal aborts: TERM to all of its processes, then KILL.
 * @throws OutOfMemoryError when it failed after the kernel killed one of its processes for lack of memory;
 * EngineLostError when the engine disappears.
 */
export async function superviseContainer(
  container: Container,
  {engine, outputEnded, signal, memoryBytes}: Supervision,
): Promise<Exit> {
  const timers: NodeJS.Timeout[] = [];
  const stopping = new Promise<'left'>((resolve) => {
    const stop = (): void => {
      void terminate(container);
      const kill = (): void => void container.kill().catch(() => undefined);
      timers.push(setTimeout(kill, killAfterMs), setTimeout(resolve, leaveAfterMs, 'left'));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, {once: true});
  });
  try {
    const ending = outputEnded.then(() => stateAtEnd(container, engine));
    const state = await Promise.race([ending, stopping]);
    if (signal.aborted || state === 'left') return {kind: 'cancelled'};
    if (state.OOMKilled && state.ExitCode !== 0) throw new OutOfMemoryError(memoryBytes);
    return {kind: 'exited', code: state.ExitCode};
  } finally {
    timers.forEach(clearTimeout);
  }
}

/** Waits for work on an engine, but not much longer than the signal allows: the engine may have stopped answering. */
export async function unlessAbandoned(work: Promise<Exit>, signal: AbortSignal): Promise<Exit> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  const abandoned = new Promise<Exit>((resolve) => {
    stop = () => {
      timer = setTimeout(resolve, abandonAfterMs, {kind: 'cancelled'});
    };
  });
  signal.addEventListener('abort', stop, {once: true});
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/**
 * Polls until the container has ended. The engine's own wait request does not work: docker-modem never settles a
 * request whose response breaks off, as when the engine is killed.
 */
async function stateAtEnd(container: Container, engine: Engine): Promise<ContainerState> {
  for (let delayMs = 10; ; delayMs = Math.min(2 * delayMs, 1000)) {
    const {State: state} = await ask(engine, 'a stage ran', () => container.inspect());
    if (!state.Running) return state;
    await sleep(delayMs);
  }
}

type ContainerState = ContainerInspectInfo['State'];

/** The engine signals only the first process, which ignores it, so a process inside signals all others. */
async function terminate(container: Container): Promise<void> {
  try {
    const Cmd = ['/bin/sh', '-c', 'kill -TERM -1'];
    const execution = await container.exec({Cmd, User: '1000:1000'});
    // Unread output would keep the connection and this process alive.
    (await execution.start({Detach: true})).resume();
  } catch {
    // It has just ended, or KILL will end it.
  }
}
