import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {readdir, readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {markVariable, newMark} from '../../../src/executor/local/process-mark.js';
import {ownerName} from '../../../src/store/owner.js';
import {
  leftovers,
  makeFaultProject,
  mountsOf,
  type FaultProject,
} from '../../support/faults/fault-project.js';
import {untilNone} from '../../support/faults/processes.js';
import {seededRandom, seedOr} from '../../support/faults/seeded-random.js';
import {byScale} from '../../support/scale.js';

const seed = seedOr(20261121);
const kills = byScale({usual: 5, full: 50});
const killsPerStore = 5;
const killsOfStarts = byScale({usual: 4, full: 25});

let project: FaultProject;
/** Of an undisturbed build. */
let wanted: string;
let wholeMs: number;

beforeAll(async () => {
  project = await makeFaultProject();
  const store = await project.newStore();
  const start = performance.now();
  const {code, stderr} = await project.build({store});
  wholeMs = performance.now() - start;
  expect(stderr).toContain('built    archive/one');
  expect(code).toBe(0);
  wanted = await archiveDigest(path.join(project.folder, 'dist'));
});

afterAll(() => project[Symbol.asyncDispose]());

async function archiveDigest(output: string): Promise<string> {
  return sha256(await readFile(path.join(output, 'fixture-one.tar')));
}

/** The stages whose artifact lies in the store, by the records of a later build. */
async function stagesWith(store: string, artifacts: readonly string[]): Promise<readonly string[]> {
  const folder = path.join(store, 'v1/records/stage-key');
  const records = await Promise.all(
    (await readdir(folder)).map(
      async (name) =>
        JSON.parse(await readFile(path.join(folder, name), 'utf8')) as {
          stage: string;
          artifact: string;
        },
    ),
  );
  return records.flatMap(({stage, artifact}) => (artifacts.includes(artifact) ? [stage] : []));
}

describe('a builder that is killed with SIGKILL', () => {
  it(`${kills} times at random points (AMPOULE_SEED=${seed}) loses no finished stage and leaves nothing`, async () => {
    const random = seededRandom(seed);
    let killed = 0;
    while (killed < kills) {
      const store = await project.newStore();
      const output = path.join(store, 'dist');
      for (let round = 0; round < killsPerStore && killed < kills; round += 1) {
        const delayMs = random() * wholeMs;
        const running = project.start({store, output});
        await Promise.race([sleep(delayMs), running.result]);
        running.kill('SIGKILL');
        const {code} = await running.result;
        if (code !== null) break;
        killed += 1;
        const what = `kill ${killed} after ${Math.round(delayMs)} ms`;
        expect(await untilNone(() => project.sandboxProcesses()), what).toEqual([]);
        expect(await mountsOf(project.folder), what).toEqual([]);
      }
      const artifacts: string[] = await readdir(path.join(store, 'v1/artifacts')).catch(() => []);

      const rerun = await project.build({store, output});

      const what = `rerun after kill ${killed}:\n${rerun.stderr}`;
      expect(rerun.code, what).toBe(0);
      expect(await archiveDigest(output), what).toBe(wanted);
      const started = [...rerun.stderr.matchAll(/^start +(\S+)/gm)].map(([, stage]) => stage);
      const finished = await stagesWith(store, artifacts);
      expect(
        started.filter((stage) => finished.includes(stage ?? '')),
        what,
      ).toEqual([]);
      expect(await leftovers(store), what).toEqual([]);
      expect(await readdir(output), what).toEqual(['SHA256SUMS', 'fixture-one.tar']);
      await rm(store, {recursive: true});
    }
  });

  it(`just when it starts sandboxes, ${killsOfStarts} times (AMPOULE_SEED=${seed}), leaves none running`, async () => {
    const random = seededRandom(seed);
    const store = await project.newStore();
    await project.build({store, stageSeconds: 0});
    for (let round = 0; round < killsOfStarts; round += 1) {
      // Other scripts than before: they run for an hour, if nobody stops them.
      const prologue = `: ${round}`;
      const running = project.start({store, stageSeconds: 3600, prologue});
      await running.said('start    part/alpha');
      const delayMs = random() * 25;
      await sleep(delayMs);
      running.kill('SIGKILL');
      await running.result;

      const what = `kill ${round + 1}, ${delayMs.toFixed(1)} ms after the start`;
      expect(await untilNone(() => project.sandboxProcesses()), what).toEqual([]);
    }
  });

  it('leaves to the next build what the kernel could not end with it', async () => {
    const killed = spawn('/bin/true');
    const [deadPid] = [killed.pid, await once(killed, 'exit')];
    const owner = (await ownerName()).replace(/^\d+/, String(deadPid));
    const ends = [owner, await ownerName()].map((name) => {
      const environment = {[markVariable]: newMark(name)};
      const child = spawn('/bin/sleep', ['3600'], {env: environment, stdio: 'ignore'});
      return {child, ended: once(child, 'exit')};
    });
    const [left, living] = ends;

    const {code, stderr} = await project.build({store: await project.newStore(), stageSeconds: 0});

    expect(code, stderr).toBe(0);
    expect(await left?.ended).toEqual([null, 'SIGKILL']);
    expect(living?.child.kill(), 'one whose builder lives').toBe(true);
    expect(await living?.ended).toEqual([null, 'SIGTERM']);
  });
});
