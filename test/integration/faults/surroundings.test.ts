import {cp, readdir, readFile, stat, utimes} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {
  leftovers,
  makeFaultProject,
  type FaultProject,
} from '../../support/faults/fault-project.js';
import {letStagesGo} from '../../support/fixture-project.js';
import {makeSmallDisk, whyNoMounts} from '../../support/faults/small-disk.js';

const clock = path.resolve(import.meta.dirname, '../../support/faults/shift-clock.mjs');
const year = 365 * 24 * 3600;

let project: FaultProject;
let wanted: Buffer;

beforeAll(async () => {
  project = await makeFaultProject();
  await project.build({store: await project.newStore(), stageSeconds: 0});
  wanted = await archive(path.join(project.folder, 'dist'));
});

afterAll(() => project[Symbol.asyncDispose]());

const archive = (output: string) => readFile(path.join(output, 'fixture-one.tar'));

/** Node with a clock that goes wrong by these many seconds. */
const withClock = (...seconds: readonly number[]): NodeJS.ProcessEnv => ({
  NODE_OPTIONS: `--import ${JSON.stringify(clock)}`,
  AMPOULE_TEST_CLOCK: seconds.join(' '),
});

async function expectSameArchive(settings: Parameters<FaultProject['build']>[0]): Promise<void> {
  const {code, stderr} = await project.build({stageSeconds: 0, ...settings});
  expect(code, stderr).toBe(0);
  expect((await archive(settings.output ?? '')).equals(wanted)).toBe(true);
}

describe('a build', () => {
  it.each([
    ['ten years ahead', [10 * year]],
    ['forty years back', [-40 * year]],
    ['jumps to and fro all the time', [0, -year, year, -3600, 60]],
  ])('gives the same archive when the clock is %s', async (_what, seconds) => {
    const store = await project.newStore();
    const output = path.join(store, 'dist');

    await expectSameArchive({store, output, environment: withClock(...seconds)});

    expect(await leftovers(store)).toEqual([]);
  });

  it('waits for another one and takes over from a dead one, whatever either clock says', async () => {
    const store = await project.newStore();
    const output = path.join(store, 'dist');
    // It waits for a file that appears only when the second builder makes it.
    const waiting = 'until [ -e /build/go ]; do sleep 0.05; done';
    const slow = {store, stageSeconds: 0, prologue: waiting};
    const first = project.start({
      ...slow,
      output: path.join(store, 'a'),
      environment: withClock(year),
    });
    await first.said('start    part/alpha');
    const second = project.start({...slow, output, environment: withClock(-year)});
    await second.said('waiting  part/alpha');

    first.kill('SIGKILL');
    const {code, stderr} = await letStagesGo(store, second);

    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^built +part\/alpha/m);
    await project.build({...slow, output});
    expect(await leftovers(store)).toEqual([]);
  });

  it('restores from a store whose files have times of the future or of long ago', async () => {
    const store = await project.newStore();
    await project.build({store, stageSeconds: 0});
    const names = await readdir(store, {recursive: true});
    for (const [index, name] of names.entries()) {
      const file = path.join(store, name);
      const time = index % 2 === 0 ? 4_000_000_000 : 1;
      // Links have no times that anybody reads, and may lead nowhere.
      if ((await stat(file).catch(() => undefined))?.isFile()) await utimes(file, time, time);
    }
    const output = path.join(store, 'dist');

    const {code, stderr} = await project.build({store, output, stageSeconds: 0});

    expect(code, stderr).toBe(0);
    expect(stderr).not.toMatch(/^(start|damaged)/m);
    expect((await archive(output)).equals(wanted)).toBe(true);
  });

  it('gives the same archive under umask 077, and the same again under umask 022', async () => {
    const store = await project.newStore();
    const output = path.join(store, 'dist');
    const wrapper = ['sh', '-c', 'umask 077; exec "$@"', 'umask'];

    await expectSameArchive({store, output, wrapper});
    expect((await stat(path.join(output, 'fixture-one.tar'))).mode & 0o777).toBe(0o600);
    await expectSameArchive({store, output: path.join(store, 'again')});
  });

  it.each(['störe ✓ mit Leerzeichen', "a 'quoted' $store; \\ and more", 'with:colon'])(
    'gives the same archive in a store called %s',
    async (name) => {
      const store = await project.newStore(name);
      await expectSameArchive({store, output: path.join(store, 'dist ✓')});
    },
  );

  const why = whyNoMounts();
  it.skipIf(why !== undefined)(
    `gives the same archive with store, output and TMPDIR on three file systems${why ?? ''}`,
    async () => {
      await using disk = await makeSmallDisk(path.join(project.folder, 'disk'), 60e6);
      const store = await project.newStore('disk/store');
      const output = path.join(project.folder, 'dist of another');
      const inside = path.join(disk.outside, 'store');
      await cp(store, inside, {recursive: true});

      await expectSameArchive({
        store,
        output,
        wrapper: disk.wrapper,
        environment: {TMPDIR: '/dev/shm'},
      });

      expect(await leftovers(inside)).toEqual([]);
    },
  );
});
