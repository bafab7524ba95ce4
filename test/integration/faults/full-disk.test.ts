import {cp, readFile, rm} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {
  leftovers,
  makeFaultProject,
  type FaultProject,
} from '../../support/faults/fault-project.js';
import {untilNone} from '../../support/faults/processes.js';
import {byScale} from '../../support/scale.js';
import {makeSmallDisk, whyNoMounts, type SmallDisk} from '../../support/faults/small-disk.js';

const why = whyNoMounts();
const megabyte = 1e6;

let project: FaultProject;
let disk: SmallDisk;
/** With the packages and nothing built; each test begins with it. */
let empty: string;
let wanted: Buffer;
let store: string;
let outside: string;

beforeAll(async () => {
  if (why !== undefined) return;
  project = await makeFaultProject();
  disk = await makeSmallDisk(path.join(project.folder, 'disk'), 60 * megabyte);
  empty = await project.newStore('empty');
  const first = await project.newStore('first');
  await project.build({store: first, stageSeconds: 0});
  wanted = await readFile(path.join(project.folder, 'dist/fixture-one.tar'));
  store = path.join(disk.folder, 'store');
  outside = path.join(disk.outside, 'store');
});

afterAll(async () => {
  if (why !== undefined) return;
  await disk[Symbol.asyncDispose]();
  await project[Symbol.asyncDispose]();
});

// One stage at a time: a second one that fails when the first has given its space back keeps its files, as any other.
const build = (prologue = '', output = path.join(project.folder, 'dist')) =>
  project.build({store, output, prologue, jobs: 1, stageSeconds: 0, wrapper: disk.wrapper});

async function begin(): Promise<void> {
  await disk.free();
  await rm(outside, {recursive: true, force: true});
  await rm(path.join(project.folder, 'dist'), {recursive: true, force: true});
  await cp(empty, outside, {recursive: true});
}

/** Space is there again: the same command goes on, and nothing that was half-written counts. */
async function expectToGoOn(prologue = ''): Promise<void> {
  await disk.free();
  const {code, stderr} = await build(prologue);
  expect(code, stderr).toBe(0);
  const archive = await readFile(path.join(project.folder, 'dist/fixture-one.tar'));
  expect(archive.equals(wanted)).toBe(true);
  expect(await leftovers(outside)).toEqual([]);
  const inside = ['store', 'verify', '--store', outside];
  const verified = await project.ampoule(inside);
  expect(verified.stdout).toMatch(/: 0 damaged$/m);
}

const named = () => `The file system ${disk.folder} (tmpfs) has`;

describe.skipIf(why !== undefined)(`a full disk${why === undefined ? '' : ` (${why})`}`, () => {
  it.each(byScale({usual: [0, 2.5, 8.5], full: [0, 0.1, 0.5, 2.5, 5.5, 8.5, 10]}))(
    'of which %d MB are left when a build starts is named, and the build goes on once there is space',
    async (left) => {
      await begin();
      await disk.leave(left * megabyte);

      const {code, stderr} = await build();

      expect(stderr).not.toContain('this is a defect');
      expect(stderr).toContain(named());
      expect(stderr).toMatch(/[Ff]ree some space/);
      expect(code).toBe(1);
      expect(await untilNone(() => project.sandboxProcesses())).toEqual([]);
      await expectToGoOn();
    },
  );

  it('in the middle of a stage names the file system while the space is taken', async () => {
    await begin();

    const {code, stderr} = await build('dd if=/dev/zero of=/out/big bs=1M count=100');

    expect(stderr).toContain('No space left on device');
    expect(stderr).toContain(named());
    expect(code).toBe(1);
    await expectToGoOn();
  });

  it('under the output folder is told with that folder', async () => {
    await begin();
    const output = path.join(disk.folder, 'dist');
    const whole = await build();
    await disk.leave(20_000);

    const {code, stderr} = await build('', output);

    expect(whole.code).toBe(0);
    expect(stderr).toContain(named());
    expect(stderr).toContain('with --output');
    expect(code).toBe(1);
    await disk.free();
    expect((await build('', output)).code).toBe(0);
  });
});
