import {mkdir, readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {
  leftovers,
  makeFaultProject,
  type FaultProject,
} from '../../support/faults/fault-project.js';
import {ownProcesses, ownProcessesWithoutSockets} from '../../support/faults/own-processes.js';
import {seenProcesses} from '../../support/faults/processes.js';
import {seededRandom, seedOr} from '../../support/faults/seeded-random.js';
import {whyNoMounts} from '../../support/faults/small-disk.js';
import type {RunningCommand} from '../../support/fixture-project.js';
import {byScale} from '../../support/scale.js';

const seed = seedOr(20261130);
const points = byScale({usual: 1, full: 20});
/** How long a builder waits for one that it cannot see: 30 s, unless told. */
const forsakenMs = byScale({usual: 400, full: 30_000});

/** While the other one works that has taken over. */
const whileItWorks = (random: () => number): number => forsakenMs + random() * wholeMs;
const heartbeat = byScale({usual: {touchMs: 100, forsakenMs}, full: {}});
/** The output of a stage is half made for a good while. */
const slow = {stageSeconds: 0.1, writeSeconds: 0.6};

let project: FaultProject;
let wanted: Buffer;
let wholeMs: number;

beforeAll(async () => {
  project = await makeFaultProject();
  const store = await project.newStore();
  const start = performance.now();
  const {code, stderr} = await project.build({store, ...slow});
  wholeMs = performance.now() - start;
  expect(code, stderr).toBe(0);
  wanted = await archive(path.join(project.folder, 'dist'));
});

afterAll(() => project[Symbol.asyncDispose]());

const archive = (output: string) => readFile(path.join(output, 'fixture-one.tar'));

/** Signals a builder itself, not what it was started by, nor its sandboxes. */
async function signalBuilder(output: string, signal: NodeJS.Signals): Promise<void> {
  for (const {pid, command} of await seenProcesses()) {
    const isBuilder = /^\S*node /.test(command) && command.includes(JSON.stringify(output));
    if (isBuilder) process.kill(pid, signal);
  }
}

/** When a builder is stopped after its start, and for how long. */
interface Pause {
  readonly delayMs: number;
  readonly pauseMs: number;
}

/** Stops a builder, and starts another one, in a container of its own, that builds the same meanwhile. */
async function pause(
  store: string,
  {delayMs, pauseMs}: Pause,
  wrapper: readonly string[],
): Promise<void> {
  const outputs = {paused: path.join(store, 'paused'), other: path.join(store, 'other')};
  const begin = (output: string): RunningCommand =>
    project.start({store, output, wrapper, heartbeat, ...slow});
  const paused = begin(outputs.paused);
  await sleep(delayMs);
  await signalBuilder(outputs.paused, 'SIGSTOP');
  const other = begin(outputs.other);
  await sleep(pauseMs);
  await signalBuilder(outputs.paused, 'SIGCONT');

  const ends = {paused: await paused.result, other: await other.result};
  const what = `stopped ${delayMs.toFixed(0)} ms after its start for ${pauseMs.toFixed(0)} ms`;
  for (const name of ['paused', 'other'] as const) {
    const {code, stderr} = ends[name];
    expect(code, `${name}, ${what}:\n${stderr}`).toBe(0);
    expect((await archive(outputs[name])).equals(wanted), `${name}, ${what}`).toBe(true);
  }
  // A third one restores what the two have published.
  const output = path.join(store, 'third');
  const third = await project.build({store, output, ...slow});
  expect((await archive(output)).equals(wanted), what).toBe(true);
  expect(third.stderr, what).not.toMatch(/^(start|damaged)/m);
  const verified = await project.ampoule(['store', 'verify', '--store', store]);
  expect(verified.code, verified.stdout).toBe(0);
}

const cannotMount = whyNoMounts();

describe.each([
  ['a builder in another container', () => ownProcesses, () => 2 * forsakenMs],
  ['a builder in another container, without sockets', ownProcessesWithoutSockets, whileItWorks],
])('a builder that is stopped beside %s', (_what, wrapperOf, pauseOf) => {
  it.skipIf(cannotMount !== undefined)(
    `${points} times at random points (AMPOULE_SEED=${seed}) publishes nothing of the other's${cannotMount ?? ''}`,
    async () => {
      const random = seededRandom(seed);
      const pauses = Array.from({length: points}, (): Pause => ({
        delayMs: 300 + random() * wholeMs,
        pauseMs: pauseOf(random),
      }));
      // They mostly wait.
      const lane = async (): Promise<void> => {
        for (let next = pauses.pop(); next !== undefined; next = pauses.pop()) {
          const store = await project.newStore();
          await mkdir(path.join(store, 'v1/owners'), {recursive: true});
          await pause(store, next, wrapperOf(store));
          expect(await leftovers(store)).toEqual([]);
        }
      };
      await Promise.all(Array.from({length: 4}, lane));
    },
  );
});

it.skipIf(cannotMount !== undefined)(
  `a builder that lost a stage while it was stopped says so, and uses the other's artifact${cannotMount ?? ''}`,
  async () => {
    const store = await project.newStore();
    await mkdir(path.join(store, 'v1/owners'), {recursive: true});
    const wrapper = ownProcessesWithoutSockets(store);
    const output = path.join(store, 'paused');
    const settings = {store, wrapper, heartbeat: {touchMs: 100, forsakenMs: 400}, ...slow};
    const paused = project.start({...settings, output});
    await paused.said('start    part/alpha');
    await signalBuilder(output, 'SIGSTOP');

    const other = project.start({...settings, output: path.join(store, 'other')});
    await other.said('start    part/alpha');
    await sleep(500 * (slow.stageSeconds + slow.writeSeconds));
    await signalBuilder(output, 'SIGCONT');
    const {code, stderr} = await paused.result;
    const ended = await other.result;

    expect(ended.code, ended.stderr).toBe(0);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^lost +part\/alpha: .* another builder has taken the stage over/m);
    expect(stderr).not.toMatch(/^built +part\/alpha/m);
    expect((await archive(output)).equals(wanted)).toBe(true);
    expect(await leftovers(store)).toEqual([]);
    expect(await readdir(path.join(store, 'v1/owners'))).toEqual([]);
  },
);
