import {readdirSync, readFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {setImmediate as sleepTurn} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {hostCommandRunner} from '../../src/executor/local/host-command.js';
import {startCommand} from '../support/fixture-project.js';
import {seenProcesses, untilNone} from '../support/faults/processes.js';
import {openLocalTestExecutor, type TestExecutor} from '../support/test-executor.js';

const rounds = 5;

let test: TestExecutor;
let folder: string;

beforeAll(async () => {
  test = await openLocalTestExecutor();
});

afterAll(() => test[Symbol.asyncDispose]());

beforeEach(async () => {
  folder = await mkdtemp(path.join(test.temporaryPath, 'local-'));
});

afterEach(() => rm(folder, {recursive: true, force: true}));

/** Processes with this in their arguments. */
const processesWith = async (text: string) =>
  (await seenProcesses()).filter(({command}) => command.includes(text));

/** Starts a sandbox that would run for an hour, and waits for its end. */
async function sleepAnHour(workspace: string, seconds: string, signal: AbortSignal) {
  const {executor, rootfs} = test;
  const exit = await executor.run(
    {
      ...{rootfs, mounts: [], sources: new Map(), environment: {PATH: '/usr/bin'}},
      argv: ['/bin/sh', '-c', `echo; sleep ${seconds}`],
    },
    workspace,
    {jobs: 1},
    () => undefined,
    signal,
  );
  return exit.kind;
}

const newWorkspace = () => mkdtemp(path.join(folder, 'work-'));

/** Waits for bubblewrap's outer process, looks at it without a pause until it has a child, and gives its number. */
async function untilCloned(seconds: string): Promise<number> {
  for (;;) {
    await sleepTurn();
    const outer = childrenOf(process.pid).find((pid) =>
      readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(seconds),
    );
    if (outer === undefined) continue;
    while (childrenOf(outer).length === 0);
    return outer;
  }
}

function childrenOf(pid: number): readonly number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const lines = tasks.map((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').trim(),
  );
  return lines.flatMap((line) => (line === '' ? [] : line.split(' ').map(Number)));
}

describe('the local executor', () => {
  it(`stops ${rounds} sandboxes that bubblewrap has just cloned: its child waits for ever for a parent that is gone`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const controller = new AbortController();
      const seconds = `3600.${process.pid}${round}`;
      const running = sleepAnHour(await newWorkspace(), seconds, controller.signal);
      await untilCloned(seconds);

      controller.abort(new Error('stopped'));

      expect(await running).toBe('cancelled');
      expect(await untilNone(() => processesWith(`sleep ${seconds}`))).toEqual([]);
    }
  });

  it(`ends ${rounds} times when somebody else kills bubblewrap as it has just cloned`, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const seconds = `3601.${process.pid}${round}`;
      const running = sleepAnHour(await newWorkspace(), seconds, new AbortController().signal);
      process.kill(await untilCloned(seconds), 'SIGKILL');

      expect(await running).toBe('signalled');
      expect(await untilNone(() => processesWith(`sleep ${seconds}`))).toEqual([]);
    }
  });

  it('hears a stop that comes while the inputs are made ready', async () => {
    const controller = new AbortController();
    const running = sleepAnHour(await newWorkspace(), '3602', controller.signal);

    controller.abort(new Error('stopped'));

    expect(await running).toBe('cancelled');
  });
});

describe('a program of this machine', () => {
  const run = hostCommandRunner('test');
  const command = (script: string, onOutput: (chunk: Uint8Array) => void = () => undefined) => ({
    argv: ['/bin/sh', '-c', script] as const,
    cwd: '/',
    environment: {PATH: '/usr/bin:/bin'},
    onOutput,
  });

  // Its environment is empty for a moment at each exec, so its name is what tells.
  const untilUnmarked = 'until grep -aq ^sleep /proc/$!/cmdline; do :; done';

  it('has ended when it has exited, though a process without its mark holds the output open', async () => {
    const seconds = `3604.${process.pid}`;
    let output = '';

    const exit = await run(
      command(`echo all; setsid env -i sleep ${seconds} & ${untilUnmarked}; exit 3`, (chunk) => {
        output += Buffer.from(chunk).toString();
      }),
      new AbortController().signal,
    );

    const left = await processesWith(`sleep ${seconds}`);
    left.forEach(({pid}) => process.kill(pid));
    expect(left).toHaveLength(1);
    expect([exit, output]).toEqual([{kind: 'exited', code: 3}, 'all\n']);
  });

  it('is given no file of this process, whoever started that: nothing is in the place of each', async () => {
    const script = `
      import {hostCommandRunner} from '${path.resolve('lib/executor/local/host-command.js')}';
      await hostCommandRunner('test')(
        {
          argv: ['/bin/sh', '-c', 'for f in /proc/self/fd/*; do readlink "$f" || true; done'],
          cwd: '/',
          environment: {PATH: '/usr/bin:/bin'},
          onOutput: (chunk) => process.stdout.write(chunk),
        },
        new AbortController().signal,
      );`;
    const {stdout} = await startCommand(
      ['bash', '-c', 'exec 5</etc 200</ && exec "$0" "$@"', process.execPath].concat(
        '--input-type=module',
        '--eval',
        script,
      ),
      process.env,
    ).result;

    expect(stdout).not.toMatch(/^\/(etc)?$/m);
    expect(stdout).toContain('/dev/null\n');
  });

  it('takes with it what has left its process group', async () => {
    const seconds = `3603.${process.pid}`;

    await run(command(`setsid sleep ${seconds} & exit 0`), new AbortController().signal);

    expect(await untilNone(() => processesWith(`sleep ${seconds}`))).toEqual([]);
  });
});
