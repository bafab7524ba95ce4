import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, expect, it} from 'vitest';
import {markOf} from '../../../src/builder/mark-plan.js';
import {valueOrThrow} from '../../../src/core/errors.js';
import {buildGraph} from '../../../src/graph/graph.js';
import type {Stage} from '../../../src/graph/stage.js';
import {runGraph} from '../../../src/scheduler/scheduler.js';
import {DiskStore} from '../../../src/store/disk-store.js';
import {sweep} from '../../../src/store/sweep.js';
import {FakeExecutor} from '../../support/fake-executor.js';
import {hostStage, sandboxStage} from '../../support/stages.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-beside-'));
});

afterEach(() => rm(folder, {recursive: true, force: true}));

/** A chain of stages. Its first script is the plan's; what it prints is always the same, so all others are restored. */
function chain(plan: string): readonly Stage[] {
  const ids = Array.from({length: 5}, (_unused, index) => `stage-${index}`);
  return [
    hostStage('rootfs'),
    ...ids.map((id, index) =>
      sandboxStage(id, {
        mounts: index === 0 ? [] : [{guestPath: '/deps', stages: [`stage-${index - 1}`]}],
        script: index === 0 ? `first of ${plan}` : id,
      }),
    ),
  ];
}

it('builders lose nothing that they use, however often the store is swept meanwhile', async () => {
  const builder = async (checkout: string): Promise<void> => {
    const store = await DiskStore.open(folder);
    for (let round = 0; round < 4; round += 1) {
      const graph = valueOrThrow(buildGraph(chain(`${checkout} ${round}`)));
      await using _mark = await store.mark(markOf({checkout, subject: 'x'}, [graph]));
      const executor = new FakeExecutor((script) =>
        Promise.resolve(script.startsWith('first') ? 'same' : script),
      );
      const outcome = await runGraph(graph, {
        store,
        executor: () => Promise.resolve(executor),
        jobs: 2,
        signal: new AbortController().signal,
        fetchSources: () => Promise.resolve(new Map()),
        onEvent: () => undefined,
      });
      for (const [stage, made] of outcome) {
        if (made.kind !== 'built' && made.kind !== 'restored')
          throw new Error(`${stage} was not made`);
        expect(await store.hasArtifact(made.artifact), `${stage} of ${checkout}`).toBe(true);
      }
    }
  };
  let isBuilding = true;
  const sweeper = async (): Promise<void> => {
    const store = await DiskStore.open(folder);
    while (isBuilding) {
      await sweep(store, 'remove').catch(ignoreNoMarks);
      // Builders get their turn.
      await sleep(10);
    }
  };

  // No checkout is a folder that exists, so all that keeps things is that their builders run.
  const building = Promise.all(['/nowhere/a', '/nowhere/b'].map(builder)).finally(() => {
    isBuilding = false;
  });

  await Promise.all([building, sweeper()]);
});

function ignoreNoMarks(error: unknown): void {
  const isExpected = error instanceof Error && 'code' in error && error.code === 'E_NO_MARKS';
  if (!isExpected) throw error;
}
