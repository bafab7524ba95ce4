import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import type {Execution, Executor, Exit} from '../../src/executor/executor.js';
import {digestTree, normaliseTree} from '../../src/store/tree.js';
import {titleWith} from '../support/docker-engine.js';
import {localTree, type LocalTree} from '../support/local-tree.js';
import {patienceMs} from '../support/patience.js';
import {seedOr} from '../support/faults/seeded-random.js';
import {stopAroundStart} from '../support/faults/stop-around-start.js';
import {keepsJobSlots} from './job-slots-contract.js';
import type {TestExecutor} from '../support/test-executor.js';
import {resistsAttacks, type RunScript, type Stage} from './attacks.js';

const seed = seedOr(20261128);

/** An executor to test, with its engine. */
export interface ExecutorCase {
  readonly name: string;
  /** Why it cannot be tested here. */
  readonly skipped?: string | undefined;
  /** How often executions are stopped around their start. */
  readonly stops: number;
  /** Whether it is attacked; `npm test` leaves out an executor whose sandboxes are those of another one. */
  readonly isAttacked?: boolean;
  readonly open: () => Promise<TestExecutor>;
}

/** What a stage sees and may do is the same under each executor. */
export function describeExecutor(executor: ExecutorCase): void {
  describe(`the executor ${titleWith(executor.name, executor.skipped)}`, () => {
    if (executor.skipped !== undefined) it.skip('keeps the sandbox contract', () => undefined);
    else keepsContract(executor);
  });
}

function keepsContract({stops, isAttacked = true, open}: ExecutorCase): void {
  let test: TestExecutor;
  let executor: Executor;
  let folder: string;

  beforeAll(async () => {
    test = await open();
    ({executor} = test);
  });

  afterAll(() => test[Symbol.asyncDispose]());

  beforeEach(async () => {
    folder = await mkdtemp(path.join(test.temporaryPath, 'contract-'));
  });

  afterEach(() => rm(folder, {recursive: true, force: true}));

  async function run(
    argv: readonly [string, ...string[]],
    overrides: Partial<Execution> = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Stage> {
    const execution: Execution = {
      rootfs: test.rootfs,
      mounts: [],
      sources: new Map(),
      environment: {PATH: '/usr/bin'},
      ...overrides,
      argv,
    };
    const workspace = await mkdtemp(path.join(folder, 'work-'));
    let output = '';
    const exit = await executor.run(
      execution,
      workspace,
      {jobs: 3},
      (chunk) => (output += Buffer.from(chunk).toString()),
      signal,
    );
    return {exit, output, outPath: path.join(workspace, 'out')};
  }

  const sh: RunScript = (script, overrides, signal) =>
    run(['/bin/sh', '-c', script], overrides, signal);

  async function artifact(name: string, files: Record<string, string>): Promise<LocalTree> {
    const hostPath = path.join(folder, name);
    for (const [file, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(hostPath, file)), {recursive: true});
      await writeFile(path.join(hostPath, file), text);
    }
    return localTree(await digestTree(hostPath), hostPath);
  }

  if (isAttacked) resistsAttacks(sh, () => folder);

  it.each([
    ['a name', `touch "/out/$(printf 'a\\377')"`],
    ["a link's target", `ln -s "$(printf 'a\\377')" /out/link`],
  ])('gives no output with %s that is not UTF-8', async (_what, script) => {
    const given = async (): Promise<unknown> => {
      const {exit, outPath} = await sh(script);
      expect(exit).toEqual({kind: 'exited', code: 0});
      return normaliseTree(outPath);
    };

    await expect(given()).rejects.toMatchObject({code: 'E_UNSUPPORTED_ENTRY'});
  });

  it('goes on with the /build of a run that was stopped or failed', async () => {
    const workspace = await mkdtemp(path.join(folder, 'work-'));
    const outPath = path.join(workspace, 'out');
    const go = async (script: string, signal = new AbortController().signal): Promise<Exit> => {
      await rm(outPath, {recursive: true, force: true});
      return executor.run(
        {
          rootfs: test.rootfs,
          mounts: [],
          sources: new Map(),
          environment: {PATH: '/usr/bin'},
          argv: ['/bin/sh', '-c', script],
        },
        workspace,
        {jobs: 2, keepsBuild: true},
        () => started(),
        signal,
      );
    };
    const stop = new AbortController();
    let started = (): void => stop.abort();

    const exits = [await go('echo one >>/build/runs; echo; sleep 600', stop.signal)];
    started = () => undefined;
    exits.push(await go('echo two >>/build/runs; exit 3'));
    exits.push(await go('echo three >>/build/runs; cp /build/runs /out'));

    expect(exits).toEqual([
      {kind: 'cancelled'},
      {kind: 'exited', code: 3},
      {kind: 'exited', code: 0},
    ]);
    expect(await readFile(path.join(outPath, 'runs'), 'utf8')).toBe('one\ntwo\nthree\n');
  });

  it('leaves the /build of a run that succeeded in the workspace, if that is asked for', async () => {
    const workspace = await mkdtemp(path.join(folder, 'work-'));

    const exit = await executor.run(
      {
        rootfs: test.rootfs,
        mounts: [],
        sources: new Map(),
        environment: {PATH: '/usr/bin'},
        argv: ['/bin/sh', '-c', 'echo made >/build/made; ln -s made /build/link'],
      },
      workspace,
      {jobs: 2, keepsWork: true},
      () => undefined,
      new AbortController().signal,
    );

    expect(exit).toEqual({kind: 'exited', code: 0});
    expect(await readFile(path.join(workspace, 'build/made'), 'utf8')).toBe('made\n');
  });

  it('tells how a command ended', async () => {
    expect((await sh('exit 3')).exit).toEqual({kind: 'exited', code: 3});
    expect((await sh('echo out; echo err >&2')).output).toBe('out\nerr\n');
  });

  it('passes only the declared environment and the job slots', async () => {
    const {output} = await run(['/usr/bin/env'], {environment: {LC_ALL: 'C', EMPTY: ''}});

    const lines = output.trim().split('\n').toSorted();
    expect(lines.filter((line) => !line.startsWith('MAKEFLAGS='))).toEqual([
      'AMPOULE_JOBS=3',
      'EMPTY=',
      'LC_ALL=C',
    ]);
  });

  it('has no network but its own loopback', async () => {
    const {output} = await sh(
      "sed -n 's/^ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev; wc -l </proc/net/route",
    );

    expect(
      output
        .trim()
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(['lo', '1']);
  });

  it('cannot write to its inputs or to the root', async () => {
    const deps = await artifact('deps', {'lib/libz.a': 'z'});

    const {output} = await sh(
      'for place in / /usr/bin /src /deps /deps/lib; do touch $place/new 2>/dev/null && echo "wrote $place"; done; ' +
        'echo x 2>/dev/null >/deps/lib/libz.a && echo "wrote libz"; rm -f /src/a 2>/dev/null && echo "removed a"; true',
      {
        mounts: [{guestPath: '/deps', artifacts: [deps]}],
        sources: new Map([['a', {kind: 'text', text: 'a'}]]),
      },
    );

    expect(output).toBe('');
  });

  it('shows nothing of the host but what was mounted', async () => {
    const {output} = await sh(
      'ls /; ls /home /root /mnt /work 2>/dev/null; ls /tmp /dev/shm /build /out',
    );

    const {output: rootfs} = await sh('cd / && ls -d *');
    expect(
      output
        .split('\n')
        .filter((line) => line !== '' && !line.endsWith(':'))
        .toSorted(),
    ).toEqual(rootfs.trim().split('\n').toSorted());
    expect(output).not.toContain(path.basename(test.temporaryPath));
  });

  it('sees no process of the host', async () => {
    const {output} = await sh('ls -d /proc/[0-9]* | wc -l');

    expect(Number(output)).toBeLessThan(8);
  });

  it('runs as user 1000 of a host called ampoule, with umask 022 and no way to gain privileges', async () => {
    const {output} = await sh(
      'id -u; id -g; hostname; umask; grep NoNewPrivs /proc/self/status; pwd',
    );

    expect(output.replaceAll('\t', ' ').trim().split('\n')).toEqual([
      '1000',
      '1000',
      'ampoule',
      '0022',
      'NoNewPrivs: 1',
      '/build',
    ]);
  });

  it('has no capability', async () => {
    const {output} = await sh('grep CapEff /proc/self/status');

    expect(output).toMatch(/CapEff:\s+0+$/m);
  });

  it('has scratch space in /build, /tmp and /dev/shm, and leaves what is in /out', async () => {
    const {exit, outPath} = await sh(
      'for place in /build /tmp /dev/shm /out; do echo text >$place/file; done; ln -s file /out/link',
    );

    expect(exit).toEqual({kind: 'exited', code: 0});
    expect((await readdir(outPath)).toSorted()).toEqual(['file', 'link']);
    expect(await readFile(path.join(outPath, 'file'), 'utf8')).toBe('text\n');
  });

  it('shows sources, texts and merged artifacts in their places', async () => {
    const zlib = await artifact('zlib', {'include/zlib.h': 'zlib'});
    const xz = await artifact('xz', {'include/lzma.h': 'lzma'});
    const download = path.join(folder, 'download');
    await writeFile(download, 'bytes');

    const {output} = await sh('cat /src/a.tar /src/patches/0001.patch /deps/include/* /in/*', {
      mounts: [
        {guestPath: '/deps', artifacts: [zlib, xz]},
        {guestPath: '/in', artifacts: [await artifact('setup', {Setup: 'setup'})]},
      ],
      sources: new Map([
        ['a.tar', {kind: 'path', hostPath: download}],
        ['patches/0001.patch', {kind: 'text', text: 'patch'}],
      ]),
    });

    expect(output).toBe('bytespatchlzmazlibsetup');
  });

  it('refuses two artifacts that hold the same file in one mount', async () => {
    const first = await artifact('first', {'lib/libz.a': '1'});
    const second = await artifact('second', {'lib/libz.a': '1'});

    const running = sh('true', {mounts: [{guestPath: '/deps', artifacts: [first, second]}]});

    await expect(running).rejects.toMatchObject({code: 'E_MOUNT_CONFLICT'});
  });

  it('stops the command and everything it started when the build is stopped', async () => {
    const controller = new AbortController();
    const marker = `sleep 3600.${process.pid}`;
    const running = sh(
      `trap '' TERM; (setsid ${marker} &) ; echo started; ${marker}`,
      {},
      controller.signal,
    );
    while (!(await commandLines()).includes(marker)) await sleep(20);

    controller.abort(new Error('stopped'));

    expect((await running).exit).toEqual({kind: 'cancelled'});
    while ((await commandLines()).includes(marker)) await sleep(20);
  });

  it(
    `never hangs and leaves nothing when it is stopped at ${stops} points around its start (AMPOULE_SEED=${seed})`,
    async () => {
      expect(await stopAroundStart(test, {count: stops, seed})).toEqual([]);
    },
    patienceMs + stops * 10_000,
  );

  it('runs nothing when the build was stopped before', async () => {
    const {exit, output} = await sh('echo ran', {}, AbortSignal.abort());

    expect([exit, output]).toEqual([{kind: 'cancelled'}, '']);
  });

  it('runs a command for a person in the files that are there, under the same contract', async () => {
    const workspacePath = await mkdtemp(path.join(folder, 'attached-'));
    await mkdir(path.join(workspacePath, 'build'));
    await writeFile(path.join(workspacePath, 'build/kept'), 'kept\n');
    const script = 'cat kept /src/text; id -u; env | grep -v MAKEFLAGS | sort';

    const exit = await executor.attach(
      {
        rootfs: test.rootfs,
        mounts: [],
        sources: new Map([['text', {kind: 'text', text: 'text\n'}]]),
        argv: ['/bin/sh', '-c', `(${script}) >/out/seen; exit 4`],
        environment: {PATH: '/usr/bin'},
      },
      workspacePath,
      {jobs: 3, hasTerminal: false},
      new AbortController().signal,
    );

    expect(exit).toEqual({kind: 'exited', code: 4});
    // The shell adds PWD and its kin.
    const seen = await readFile(path.join(workspacePath, 'out/seen'), 'utf8');
    expect(seen.split('\n').filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line))).toEqual([
      ...['kept', 'text', '1000', 'AMPOULE_JOBS=3', 'PATH=/usr/bin', ''],
    ]);
  });

  it('stops a command for a person when it is told to', async () => {
    const controller = new AbortController();
    const marker = `sleep 7200.${process.pid}`;
    const running = executor.attach(
      {
        rootfs: test.rootfs,
        mounts: [],
        sources: new Map(),
        argv: ['/bin/sh', '-c', `trap '' TERM; ${marker}; true`],
        environment: {PATH: '/usr/bin'},
      },
      await mkdtemp(path.join(folder, 'attached-')),
      {jobs: 3, hasTerminal: false},
      controller.signal,
    );
    while (!(await commandLines()).includes(marker)) await sleep(20);

    controller.abort(new Error('stopped'));

    expect(await running).toEqual({kind: 'cancelled'});
    while ((await commandLines()).includes(marker)) await sleep(20);
  });

  keepsJobSlots({
    executor: () => executor,
    sh,
    areShared: () => test.mostJobs === executor.jobs.size,
  });

  it('lets the makes of all sandboxes share the job slots', async () => {
    const now = 'cut -d" " -f1 /proc/uptime';
    const makefile = `all: a b c d e f\na b c d e f:\n\t@echo + $$(${now}); sleep 0.1; echo - $$(${now})\n`;
    const sources = new Map([['Makefile', {kind: 'text', text: makefile} as const]]);
    const make = async (): Promise<string> => {
      const release = await executor.jobs.acquire(new AbortController().signal);
      const {output} = await sh('make -f /src/Makefile', {sources});
      release();
      return output;
    };

    const lines = (await Promise.all([make(), make()])).join('').trim().split('\n');

    // The clock of /proc/uptime ticks every 10 ms: an end and a start of the same tick are taken in that order.
    const changes = lines
      .map((line) => line.split(' '))
      .map(([sign, time]) => ({sign, time: Number(time)}))
      .toSorted((a, b) => a.time - b.time || (a.sign === '-' ? -1 : 1));
    let running = 0;
    const most = Math.max(...changes.map(({sign}) => (running += sign === '+' ? 1 : -1)));
    expect(changes).toHaveLength(24);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(test.mostJobs);
  });
}

/** An executor that ends together with its engine. */
export async function withEngine<E extends AsyncDisposable>(
  start: () => Promise<E>,
  open: (engine: E) => Promise<TestExecutor>,
): Promise<TestExecutor> {
  const engine = await start();
  try {
    const test = await open(engine);
    return {
      ...test,
      [Symbol.asyncDispose]: async () => {
        await test[Symbol.asyncDispose]();
        await engine[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await engine[Symbol.asyncDispose]();
    throw error;
  }
}

/** The command lines of all processes that this process can see, one a line. */
async function commandLines(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines
    .map((line) => line.replaceAll('\0', ' '))
    .filter((line) => !line.includes('-c'))
    .join('\n');
}
