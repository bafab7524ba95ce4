import {describe, expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import {MemoryJobPool} from '../../../src/executor/memory-job-pool.js';
import {buildGraph} from '../../../src/graph/graph.js';
import {priorities} from '../../../src/scheduler/priorities.js';
import {StageQueue} from '../../../src/scheduler/stage-queue.js';
import {hostStage, sandboxStage, sourceOf} from '../../support/stages.js';

describe('the queue of ready stages', () => {
  it('gives the next free slot to the most urgent one', async () => {
    const {signal} = new AbortController();
    const pool = new MemoryJobPool(1);
    const queue = new StageQueue(() => Promise.resolve(pool), signal);
    const release = await pool.acquire(signal);
    const order: number[] = [];
    const waiting = [1, 5, 3].map(async (priority) => {
      const give = await queue.slot(priority);
      order.push(priority);
      give?.();
    });

    release();
    await Promise.all(waiting);

    expect(order).toEqual([5, 3, 1]);
  });

  it('lets everyone go when the build is stopped', async () => {
    const controller = new AbortController();
    const pool = new MemoryJobPool(1);
    await pool.acquire(controller.signal);
    const queue = new StageQueue(() => Promise.resolve(pool), controller.signal);
    const waiting = [queue.slot(1), queue.slot(2)];

    controller.abort(new Error('stopped'));

    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
  });

  it('tells everyone when there can be no slots', async () => {
    const queue = new StageQueue(
      () => Promise.reject(new Error('no sandbox')),
      new AbortController().signal,
    );

    const settled = await Promise.allSettled([queue.slot(1), queue.slot(2)]);

    expect(settled.map(({status}) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('priorities', () => {
  it('count the source bytes from a stage to the end of the build', () => {
    const needing = (id: string, inputs: string[], bytes: number) =>
      sandboxStage(id, {
        mounts: [{guestPath: '/deps', stages: inputs}],
        sources: [sourceOf(id, 'x'.repeat(bytes))],
      });
    const graph = buildGraph([
      hostStage('rootfs'),
      needing('ncurses', [], 30),
      needing('libedit', ['ncurses'], 5),
      needing('openssl', [], 50),
      needing('cpython', ['libedit', 'openssl'], 20),
    ]);

    expect(Object.fromEntries(priorities(valueOrThrow(graph)))).toEqual({
      rootfs: 70,
      ncurses: 55,
      libedit: 25,
      openssl: 70,
      cpython: 20,
    });
  });
});
