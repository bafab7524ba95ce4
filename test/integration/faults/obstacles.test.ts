import {spawn, type ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import {readFile, readdir, rm} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {layoutOf} from '../../../src/store/layout.js';
import {makeFaultProject, type FaultProject} from '../../support/faults/fault-project.js';
import {byScale} from '../../support/scale.js';

let project: FaultProject;

beforeAll(async () => {
  project = await makeFaultProject();
});

afterAll(() => project[Symbol.asyncDispose]());

const archive = (output: string): Promise<Buffer> => readFile(path.join(output, 'fixture-one.tar'));

/** A process that holds the lock of a store which is held for moments only, and is stopped. */
async function stopWithSweepLock(store: string): Promise<ChildProcess> {
  const {locks, owners} = layoutOf(store);
  const place = {path: path.join(locks, 'sweep'), owners};
  const module = path.resolve(import.meta.dirname, '../../../lib/store/owner-lock.js');
  const script = `
    import {acquireOwnerLock} from ${JSON.stringify(module)};
    await acquireOwnerLock(${JSON.stringify(place)}, new AbortController().signal);
    process.stdout.write('held');
    process.kill(process.pid, 'SIGSTOP');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const started = once(child.stdout, 'data').then(() => true);
  const isStarted = await Promise.race([started, once(child, 'exit').then(() => false)]);
  expect(isStarted).toBe(true);
  return child;
}

describe('a build', () => {
  it('waits for a job slot although it has only one thread for files', async () => {
    const store = await project.newStore();

    const {code, stderr} = await project.build({
      ...{store, output: path.join(store, 'dist'), stageSeconds: 0, jobs: 1},
      environment: {UV_THREADPOOL_SIZE: '1'},
    });

    expect(code, stderr).toBe(0);
  });

  it('runs a script of any length, and a stage that prints one long line', async () => {
    const store = await project.newStore();
    const output = path.join(store, 'dist');
    const megabytes = byScale({usual: 40, full: 430});
    const prologue = `head -c ${megabytes}000000 /dev/zero | tr '\\0' x`;

    const {code, stderr} = await project.build({
      ...{store, output, stageSeconds: 0},
      ...{prologue, paddingBytes: 300_000},
    });

    expect(code, stderr).toBe(0);
    expect((await archive(output)).length).toBeGreaterThan(0);
  });

  it('says in one line that too few files may be open', async () => {
    const store = await project.newStore();

    for (const count of [32, 64, 200]) {
      const {code, stderr} = await project.ampoule(
        ['store', 'path', '--store', store],
        ['sh', '-c', `ulimit -n ${count}; exec "$@"`, 'limited'],
      );

      expect([code, stderr]).toEqual([
        2,
        `ampoule: this process may open ${count} files at once, expected 256 or more\n` +
          'Next: ulimit -n 1024 (in a container: --ulimit nofile=1024)\n',
      ]);
    }
  });

  it.each(['build', 'gc'])(
    'or a sweep (%s) says whom it waits for, stops at the first request, and goes on once it can',
    async (what) => {
      const store = await project.newStore();
      await project.build({store, stageSeconds: 0});
      const owner = await stopWithSweepLock(store);
      const start = () =>
        what === 'build'
          ? project.start({store, stageSeconds: 0})
          : project.startAmpoule(['store', 'gc', '--store', store]);
      try {
        const first = start();
        await first.said(`waiting  for process ${owner.pid ?? 0} (`);
        first.kill('SIGINT');
        expect((await first.result).code).toBe(130);

        const second = start();
        await second.said('waiting  for process');
        owner.kill('SIGKILL');
        owner.kill('SIGCONT');
        const {code, stderr} = await second.result;

        expect(code, stderr).toBe(0);
        expect(
          (await readdir(path.join(store, 'v1/locks'))).filter((name) => name === 'sweep'),
        ).toEqual([]);
      } finally {
        owner.kill('SIGKILL');
      }
    },
  );

  it('restores from a store that can only be read, and names the store if something must run', async () => {
    const store = await project.newStore();
    await project.build({store, output: path.join(project.folder, 'first'), stageSeconds: 0});
    // Stores of earlier versions have none.
    await rm(layoutOf(store).owners, {recursive: true});
    const output = path.join(project.folder, 'second');
    const wrapper = [
      ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'],
      'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"',
      store,
    ];

    const restored = await project.build({store, output, stageSeconds: 0, wrapper});
    const changed = await project.build({
      ...{store, output, stageSeconds: 0, wrapper},
      prologue: 'echo changed',
    });

    expect(restored.code, restored.stderr).toBe(0);
    expect(restored.stderr).toMatch(/^the store .* can only be read/m);
    expect(await archive(output)).toEqual(await archive(path.join(project.folder, 'first')));
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain('EROFS');
    expect(changed.stderr).toContain('Choose a folder that can be written to');
    for (const what of [['store', 'path'], ['log']]) {
      const {code, stderr} = await project.ampoule([...what, '--store', store], wrapper);
      expect(code, stderr).toBe(0);
    }
  });
});
