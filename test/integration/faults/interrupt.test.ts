import {readdir, readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {
  leftovers,
  makeFaultProject,
  mountsOf,
  type FaultProject,
} from '../../support/faults/fault-project.js';
import {untilNone} from '../../support/faults/processes.js';
import {seededRandom, seedOr} from '../../support/faults/seeded-random.js';
import {byScale} from '../../support/scale.js';

const seed = seedOr(20261122);
const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;
const perSignal = byScale({usual: 2, full: 7});

let project: FaultProject;
let wholeMs: number;
/** Node has not come to our code before: a signal then ends it as it ends any program. */
let deafMs: number;

beforeAll(async () => {
  project = await makeFaultProject();
  const store = await project.newStore();
  const start = performance.now();
  const running = project.start({store});
  await running.said('start    rootfs/build');
  deafMs = performance.now() - start;
  expect((await running.result).code).toBe(0);
  wholeMs = performance.now() - start;
});

afterAll(() => project[Symbol.asyncDispose]());

async function expectNothingLeft(store: string, what: string): Promise<void> {
  expect(await untilNone(() => project.sandboxProcesses()), what).toEqual([]);
  expect(await mountsOf(project.folder), what).toEqual([]);
  // What arrived of a download is kept: the next run goes on from there.
  const left = (await leftovers(store)).filter((name) => !name.endsWith('.partial'));
  expect(left, what).toEqual([]);
}

describe('a build', () => {
  it.each(signals)(
    `that gets %s at one of ${perSignal} random points (AMPOULE_SEED=${seed}) ends with %i and leaves nothing`,
    async (signal, wanted) => {
      const random = seededRandom(seed + wanted);
      for (let round = 0; round < perSignal; round += 1) {
        const store = await project.newStore();
        const delayMs = deafMs + random() * (wholeMs - deafMs);
        const running = project.start({store, output: path.join(store, 'dist')});
        await Promise.race([sleep(delayMs), running.result]);
        running.kill(signal);
        const {code, stderr} = await running.result;

        const what = `${signal} after ${Math.round(delayMs)} ms:\n${stderr}`;
        // It may have come to its end, or not yet to its beginning, on a machine that has much else to do.
        if (code !== 0 && code !== null) expect(code, what).toBe(wanted);
        expect(stderr, what).not.toMatch(/FAILED|this is a defect/);
        if (code !== null) await expectNothingLeft(store, what);
        await rm(store, {recursive: true});
      }
    },
  );

  it('that gets Ctrl-C with its whole process group is stopped, not failed', async () => {
    const store = await project.newStore();
    const running = project.start({store, stageSeconds: 20, wrapper: ['setsid', '--wait']});
    await running.said('start    part/beta');
    while ((await project.sandboxProcesses()).length === 0) await sleep(20);

    await interruptGroups(store);
    const {stderr} = await running.result;

    expect(stderr).not.toContain('FAILED');
    await expectNothingLeft(store, stderr);
  });

  it('whose stages ignore SIGTERM is stopped all the same', async () => {
    const store = await project.newStore();
    const prologue = "trap '' TERM INT HUP; echo deaf";
    const running = project.start({store, stageSeconds: 3600, prologue});
    await running.said('start    part/beta');
    while ((await project.sandboxProcesses()).length === 0) await sleep(20);

    running.kill('SIGTERM');
    const {code, stderr} = await running.result;

    expect(code, stderr).toBe(143);
    await expectNothingLeft(store, stderr);
  });

  it('that gets a second Ctrl-C ends at once and says what it leaves, which the next one clears', async () => {
    const store = await project.newStore();
    const running = project.start({store, stageSeconds: 3600});
    await running.said('start    part/beta');
    while ((await project.sandboxProcesses()).length === 0) await sleep(20);
    for (const line of await project.sandboxTools()) process.kill(Number.parseInt(line), 'SIGSTOP');

    // Again and again: a busy builder may see two that follow each other as one, which counts as the terminal's echo.
    const impatience = setInterval(() => running.kill('SIGINT'), 100);
    const {code, stderr} = await running.result;
    clearInterval(impatience);

    expect(code, stderr).toBe(130);
    expect(stderr).toContain('stopped by SIGINT without cleaning up');
    expect(await untilNone(() => project.sandboxProcesses())).toEqual([]);
    expect((await project.build({store, stageSeconds: 0})).code).toBe(0);
    expect((await readdir(path.join(store, 'v1/tmp'))).length).toBe(0);
  });
});

/** What a terminal does on Ctrl-C: everybody in the builder's process group gets the signal. */
async function interruptGroups(store: string): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.startsWith(process.execPath) || !command.includes(JSON.stringify(store))) continue;
    process.kill(-Number(pid), 'SIGINT');
  }
}
