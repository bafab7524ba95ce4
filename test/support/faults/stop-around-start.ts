import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import type {Exit} from '../../../src/executor/executor.js';
import {patienceMs} from '../patience.js';
import type {TestExecutor} from '../test-executor.js';
import {seenProcesses, untilNone} from './processes.js';
import {seededRandom} from './seeded-random.js';

/** No stop takes that long, however busy the machine is. */
const hangMs = patienceMs / 5;
/** Stages that start and are stopped at the same time. */
const lanes = 4;

/** When executions are stopped. */
export interface StopPoints {
  readonly count: number;
  readonly seed: number;
}

/**
 * Starts executions that would run for an hour, and stops each at a seeded point between its start and a while after its
 * command runs.
 * @returns what went wrong, a line each: one that did not come to its end, ended in another way, or left a process or a
 * container.
 */
export async function stopAroundStart(
  test: TestExecutor,
  {count, seed}: StopPoints,
): Promise<readonly string[]> {
  const startMs = await startTime(test);
  const random = seededRandom(seed);
  const delays = Array.from({length: count}, () => random() * 1.5 * startMs);
  const problems: string[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count && problems.length === 0) {
      const index = next++;
      const problem = await stopOne(test, `3600.${seed}${index}`, delays[index] ?? 0);
      if (problem !== undefined) problems.push(`stop ${index + 1}: ${problem}`);
    }
  };
  await Promise.all(Array.from({length: lanes}, lane));
  const left = await untilNone(() => test.containers());
  return [...problems, ...left.map((name) => `left the container ${name}`)];
}

/** How long it takes until a command runs, in milliseconds, when as many start at once as later. */
async function startTime(test: TestExecutor): Promise<number> {
  const times: number[] = [];
  const measure = async (): Promise<void> => {
    await start(test, 'true', new AbortController().signal, (ms) => times.push(ms));
  };
  // The first ones import images.
  for (let round = 0; round < 3; round += 1) {
    times.length = 0;
    await Promise.all(Array.from({length: lanes}, measure));
  }
  return Math.max(...times);
}

async function stopOne(
  test: TestExecutor,
  seconds: string,
  delayMs: number,
): Promise<string | undefined> {
  const controller = new AbortController();
  const ended = start(test, `sleep ${seconds}`, controller.signal, () => undefined);
  await sleep(delayMs);

  controller.abort(new Error('stopped'));
  const timer = new AbortController();
  const hung = sleep(hangMs, 'hung' as const, {signal: timer.signal});
  const exit = await Promise.race([ended, hung]);
  timer.abort();

  const point = `after ${delayMs.toFixed(1)} ms`;
  if (exit === 'hung') return `${point} it hung`;
  if (exit.kind !== 'cancelled') return `${point} it ended with ${JSON.stringify(exit)}`;
  const left = await untilNone(async () =>
    (await seenProcesses()).filter(({command}) => command.includes(`sleep ${seconds}`)),
  );
  return left.length === 0 ? undefined : `${point} it left ${JSON.stringify(left)}`;
}

async function start(
  {executor, rootfs, temporaryPath}: TestExecutor,
  command: string,
  signal: AbortSignal,
  onOutput: (ms: number) => void,
): Promise<Exit> {
  const workspace = await mkdtemp(path.join(temporaryPath, 'stopped-'));
  const begin = performance.now();
  try {
    return await executor.run(
      {
        ...{rootfs, mounts: [], sources: new Map(), environment: {PATH: '/usr/bin'}},
        argv: ['/bin/sh', '-c', `echo started; ${command}`],
      },
      workspace,
      {jobs: 1},
      () => onOutput(performance.now() - begin),
      signal,
    );
  } finally {
    await rm(workspace, {recursive: true, force: true});
  }
}
