import {execFileSync, spawn} from 'node:child_process';
import {constants} from 'node:fs';
import {mkdtemp, open, rm} from 'node:fs/promises';
import {once} from 'node:events';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {FifoJobPool, pipeNames, type LentPipe} from '../../../src/executor/fifo-job-pool.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'job-pool-'));
});

afterEach(() => rm(folder, {recursive: true, force: true}));

function openPool(size: number): FifoJobPool {
  const pipes = pipeNames(size).map((name) => path.join(folder, name));
  execFileSync('mkfifo', pipes);
  return new FifoJobPool(pipes, size);
}

const never = new AbortController().signal;

/** Takes all slots that are in a pipe, as the makes of a stage would. */
async function takeAll({path: pipePath}: LentPipe): Promise<number> {
  await using pipe = await open(pipePath, constants.O_RDONLY | constants.O_NONBLOCK);
  const {bytesRead} = await pipe.read(Buffer.alloc(100)).catch(() => ({bytesRead: 0}));
  return bytesRead;
}

/** A make that is never done: takes slots until it has all, and takes each one again at once. */
const busyMake = `
import os, select, sys, time
pipe = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
back = os.open(sys.argv[1], os.O_WRONLY)
held = 0
while True:
    select.select([pipe], [], [], 0.02)
    try: held += len(os.read(pipe, 100))
    except BlockingIOError: pass
    print(held, flush=True)
    time.sleep(0.01)
    if held > 0: held -= os.write(back, b'+')
`;

/** Each write becomes a message that is read alone. */
const packets = `
import fcntl, os, sys
pipe = os.open(sys.argv[1], os.O_RDWR | os.O_NONBLOCK)
fcntl.fcntl(pipe, fcntl.F_SETFL, os.O_NONBLOCK | os.O_DIRECT)
for _ in range(9): os.write(pipe, b'+')
`;

describe('the job slots', () => {
  it('are given to stages and taken back when the stages end', async () => {
    using pool = openPool(4);
    const release = await pool.acquire(never);
    const pipe = pool.lend();

    expect(await takeAll(pipe)).toBe(3);
    pipe[Symbol.dispose]();
    release();
    const again = pool.lend();

    expect(await takeAll(again)).toBe(4);
    again[Symbol.dispose]();
  });

  it('move from a stage that does not use them to one that does', async () => {
    using pool = openPool(8);
    using _idle = pool.lend();
    using busy = pool.lend();

    let taken = 0;
    while (taken < 7) {
      taken += await takeAll(busy);
      await sleep(10);
    }

    expect(taken).toBeLessThanOrEqual(8);
  });

  it.each([
    ['the scheduler', (pool: FifoJobPool) => pool.acquire(never)],
    [
      'another stage',
      async (pool: FifoJobPool) => {
        using poor = pool.lend();
        while ((await takeAll(poor)) === 0) await sleep(10);
      },
    ],
  ])('reach %s although a make takes each one again at once', async (_, wait) => {
    using pool = openPool(4);
    using rich = pool.lend();
    const make = spawn('python3', ['-c', busyMake, rich.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    make.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    try {
      while (!output.includes('4\n')) await sleep(10);

      await wait(pool);
    } finally {
      make.kill('SIGKILL');
      await once(make, 'close');
    }
  });

  it('are counted although a stage writes packets and never stops writing', async () => {
    using pool = openPool(2);
    {
      using pipe = pool.lend();
      execFileSync('python3', ['-c', packets, pipe.path]);
      const writer = spawn('dd', ['if=/dev/zero', `of=${pipe.path}`, 'bs=64k'], {stdio: 'ignore'});
      const releases = [await pool.acquire(never), await pool.acquire(never)];
      for (const release of releases) release();
      writer.kill('SIGKILL');
      await once(writer, 'close');
    }
    using next = pool.lend();

    expect(await takeAll(next)).toBe(2);
  });

  it('are all given back by a waiter that is stopped', async () => {
    using pool = openPool(1);
    const release = await pool.acquire(never);
    const stop = new AbortController();
    const waiting = pool.acquire(stop.signal);

    stop.abort(new Error('stopped'));

    await expect(waiting).rejects.toThrow('stopped');
    release();
    (await pool.acquire(never))();
  });
});
