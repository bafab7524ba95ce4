import {
  chmod,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import {execFileSync, spawn} from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {resolvedKeyOf, stageKeyOf} from '../../../src/core/digest.js';
import {DiskStore} from '../../../src/store/disk-store.js';
import type {StageRecord} from '../../../src/store/store.js';
import {digestTree} from '../../../src/store/tree.js';

let folder: string;
let store: DiskStore;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule store ü '));
  store = await DiskStore.open(folder);
});

afterEach(() => rm(folder, {recursive: true, force: true}));

async function tree(files: Record<string, string>): Promise<string> {
  const directory = await mkdtemp(path.join(store.temporaryPath, 'tree-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, name)), {recursive: true});
    await writeFile(path.join(directory, name), text);
  }
  return directory;
}

const key = stageKeyOf({stage: 'zlib'});

async function recordOf(text: string, resolved = 'inputs'): Promise<StageRecord> {
  const artifact = await store.publish(await tree({name: text}));
  return {
    stage: 'dependency/zlib',
    stageKey: key,
    resolvedKey: resolvedKeyOf(resolved),
    inputs: {},
    artifact,
    seconds: 1,
    log: 'x.log',
  };
}

it('lets nobody else into the files of stages that run or failed, in a store of before too', async () => {
  const work = path.join(folder, 'v1/work');
  const modeOfWork = async () => (await stat(work)).mode & 0o777;
  expect(await modeOfWork()).toBe(0o700);
  await chmod(work, 0o755);

  await DiskStore.open(folder);

  expect(await modeOfWork()).toBe(0o700);
});

describe('publishing', () => {
  it('gives equal trees one digest whatever their times and modes', async () => {
    const first = await tree({'bin/tool': 'x', 'lib/a': 'y'});
    const second = await tree({'bin/tool': 'x', 'lib/a': 'y'});
    await utimes(path.join(second, 'lib/a'), 1, 1);
    await chmod(path.join(second, 'lib/a'), 0o600);
    await chmod(path.join(second, 'lib'), 0o700);

    expect(await store.publish(first)).toBe(await store.publish(second));
  });

  it.each<[string, (directory: string) => Promise<void>]>([
    ['content', (directory) => writeFile(path.join(directory, 'a'), 'other')],
    ['executable bit', (directory) => chmod(path.join(directory, 'a'), 0o755)],
    ['added file', (directory) => writeFile(path.join(directory, 'b'), '')],
    ['empty directory', (directory) => mkdir(path.join(directory, 'd'))],
    ['link', (directory) => symlink('a', path.join(directory, 'l'))],
  ])('gives a tree with another %s another digest', async (_what, change) => {
    const plain = await tree({a: 'text'});
    const changed = await tree({a: 'text'});
    await change(changed);

    expect(await store.publish(changed)).not.toBe(await store.publish(plain));
  });

  it('leaves files that anybody can read and a digest that can be checked again', async () => {
    const directory = await tree({secret: 'x'});
    await chmod(path.join(directory, 'secret'), 0o400);
    await chmod(directory, 0o700);

    const digest = await store.publish(directory);

    const published = path.join(await store.materialise(digest), 'secret');
    expect((await stat(published)).mode & 0o777).toBe(0o644);
    expect(await digestTree(await store.materialise(digest))).toBe(digest);
  });

  it('refuses what an artifact cannot hold, naming it', async () => {
    const directory = await tree({});
    execFileSync('mkfifo', [path.join(directory, 'pipe')]);

    await expect(store.publish(directory)).rejects.toMatchObject({code: 'E_UNSUPPORTED_ENTRY'});
  });
});

describe('records', () => {
  it('are found by stage key, by resolved key and as the newest of a name', async () => {
    const record = await recordOf('zlib');

    await store.record(record);

    expect(await store.findByStageKey(key)).toEqual(record);
    expect(await store.findByResolvedKey(record.resolvedKey)).toEqual(record);
    expect(await store.findNewest('dependency/zlib')).toEqual(record);
  });

  it('keep the first artifact of a resolved key as long as it is there', async () => {
    const first = await recordOf('first');
    const second = await recordOf('second');

    await store.record(first);
    await store.record(second);

    expect((await store.findByResolvedKey(first.resolvedKey))?.artifact).toBe(first.artifact);

    await rm(await store.materialise(first.artifact), {recursive: true});
    await store.record(second);

    expect((await store.findByResolvedKey(first.resolvedKey))?.artifact).toBe(second.artifact);
  });
});

describe('the lock of a stage key', () => {
  it('lets one owner in at a time', async () => {
    const {signal} = new AbortController();
    let inside = 0;
    let most = 0;
    const enter = async (): Promise<void> => {
      await using _lock = await store.lock(key, signal);
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    };

    await Promise.all(Array.from({length: 8}, enter));

    expect(most).toBe(1);
  });

  it('is taken over at once from a process that died', async () => {
    const child = spawn('sleep', ['60']);
    const {pid} = child;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const startTime = (await readFile(`/proc/${pid ?? 0}/stat`, 'utf8')).split(' ')[21];
    const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const lockPath = path.join(store.root, 'locks', key);
    await writeFile(lockPath, JSON.stringify({bootId, pid, startTime}));
    child.kill('SIGKILL');
    await ended;

    await using _lock = await store.lock(key, new AbortController().signal);

    expect(await readFile(lockPath, 'utf8')).toContain(`"pid":${process.pid}`);
  });

  it('stops waiting when the build is stopped', async () => {
    const controller = new AbortController();
    await using _lock = await store.lock(key, controller.signal);

    const waiting = store.lock(key, controller.signal);
    controller.abort(new Error('stopped'));

    await expect(waiting).rejects.toThrow('stopped');
  });
});

it('a store that cannot be made is refused with the folder and the option', async () => {
  await writeFile(path.join(folder, 'file'), '');

  await expect(DiskStore.open(path.join(folder, 'file'))).rejects.toThrow(/file.*\n.*--store/s);
});
