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
/** Much longer than a builder waits for one that it cannot see. */
const pauseMs = byScale({usual: 1000, full: 60_000});
const heartbeat = byScale({usual: {touchMs: 100, forsakenMs: 400}, full: {}});

let project: FaultProject;
let wanted: Buffer;
let wholeMs: number;

beforeAll(async () => {
  project = await makeFaultProject();
  const store = await project.newStore();
  const start = performance.now();
  const {code, stderr} = await project.build({store});
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

/**
 * Stops a builder `delayMs` after its start, lets another one, in a container of its own, build the same meanwhile, and
 * lets the first go on when that has ended or has waited for `pauseMs`.
 */
async function pause(
  store: string,
  delayMs: number,
  wrapper: readonly string[],
): Promise<{readonly paused: string; readonly other: string}> {
  const outputs = {paused: path.join(store, 'paused'), other: path.join(store, 'other')};
  const begin = (output: string): RunningCommand =>
    project.start({store, output, wrapper, heartbeat});
  const paused = begin(outputs.paused);
  await sleep(delayMs);
  await signalBuilder(outputs.paused, 'SIGSTOP');
  const other = begin(outputs.other);
  await Promise.race([other.result, sleep(pauseMs)]);
  await signalBuilder(outputs.paused, 'SIGCONT');

  const ends = {paused: await paused.result, other: await other.result};
  const what = `stopped ${delayMs.toFixed(0)} ms after its start`;
  for (const name of ['paused', 'other'] as const) {
    const {code, stderr} = ends[name];
    expect(code, `${name}, ${what}:\n${stderr}`).toBe(0);
    expect((await archive(outputs[name])).equals(wanted), `${name}, ${what}`).toBe(true);
  }
  // A third one restores what the two have published.
  const output = path.join(store, 'third');
  const third = await project.build({store, output});
  expect((await archive(output)).equals(wanted), what).toBe(true);
  expect(third.stderr, what).not.toMatch(/^(start|damaged)/m);
  const verified = await project.ampoule(['store', 'verify', '--store', store]);
  expect(verified.code, verified.stdout).toBe(0);
  return {paused: ends.paused.stderr, other: ends.other.stderr};
}

const cannotMount = whyNoMounts();

describe.each([
  ['a builder in another container', () => ownProcesses],
  ['a builder in another container, without sockets', ownProcessesWithoutSockets],
])('a builder that is stopped beside %s', (_what, wrapperOf) => {
  it.skipIf(cannotMount !== undefined)(
    `${points} times at random points (AMPOULE_SEED=${seed}), for ${pauseMs} ms, publishes nothing of the other's${cannotMount ?? ''}`,
    async () => {
      const random = seededRandom(seed);
      const delays = Array.from({length: points}, () => 300 + random() * wholeMs);
      for (const delayMs of delays) {
        const store = await project.newStore();
        await mkdir(path.join(store, 'v1/owners'), {recursive: true});
        await pause(store, delayMs, wrapperOf(store));
        expect(await leftovers(store)).toEqual([]);
      }
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
    const settings = {store, wrapper, heartbeat: {touchMs: 100, forsakenMs: 400}};
    const paused = project.start({...settings, output, stageSeconds: 1});
    await paused.said('start    part/alpha');
    await signalBuilder(output, 'SIGSTOP');

    const other = await project.build({
      ...settings,
      output: path.join(store, 'b'),
      stageSeconds: 1,
    });
    await signalBuilder(output, 'SIGCONT');
    const {code, stderr} = await paused.result;

    expect(other.code, other.stderr).toBe(0);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^lost +part\/alpha: .* another builder has taken the stage over/m);
    expect(stderr).not.toMatch(/^built +part\/alpha/m);
    expect((await archive(output)).equals(wanted)).toBe(true);
    expect(await leftovers(store)).toEqual([]);
    expect(await readdir(path.join(store, 'v1/owners'))).toEqual([]);
  },
);
