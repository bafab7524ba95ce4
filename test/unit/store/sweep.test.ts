import {access, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {resolvedKeyOf, sha256, stageKeyOf, type StageKey} from '../../../src/core/digest.js';
import {readBuildRecord, writeBuildRecord} from '../../../src/store/build-record.js';
import {DiskStore} from '../../../src/store/disk-store.js';
import type {MissingCheckout} from '../../../src/store/plan-marks.js';
import type {PlanMark, StageRecord} from '../../../src/store/store.js';
import {ownerName} from '../../../src/store/owner.js';
import {moveAsideAndRemove, sweep} from '../../../src/store/sweep.js';

let folder: string;
let store: DiskStore;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule sweep '));
  store = await DiskStore.open(folder);
});

afterEach(() => rm(folder, {recursive: true, force: true}));

const keyOf = (name: string): StageKey => stageKeyOf(name);

/** Publishes an artifact with a record, as a run of a stage does. */
async function made(name: string, stage = name): Promise<StageRecord> {
  const directory = await mkdtemp(path.join(store.temporaryPath, `${process.pid}-made-`));
  await writeFile(path.join(directory, 'name'), name);
  const log = await store.openLog(stage);
  log.write(`${name}\n`);
  await log.close({outcome: 'built', seconds: 1});
  const inputs = {name, script: sha256(`script of ${name}`)};
  let record: StageRecord | undefined;
  await store.publish(directory, async (artifact) => {
    record = {
      stage,
      stageKey: keyOf(name),
      resolvedKey: resolvedKeyOf(inputs),
      inputs,
      artifact,
      seconds: 1,
      log: log.path,
    };
    await store.record(record);
  });
  if (record === undefined) throw new Error('nothing was recorded');
  return record;
}

const markOf = (names: readonly string[], overrides: Partial<PlanMark> = {}): PlanMark => ({
  checkout: folder,
  subject: 'cpython',
  stages: Object.fromEntries(names.map((name) => [name, keyOf(name)])),
  sources: [],
  texts: names.map((name) => `script of ${name}`),
  ...overrides,
});

/** Marks and leaves, as a build that has ended. */
async function mark(names: readonly string[], overrides: Partial<PlanMark> = {}): Promise<void> {
  await using _running = await store.mark(markOf(names, overrides));
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const names = async (...parts: readonly string[]): Promise<readonly string[]> =>
  (await readdir(path.join(store.root, ...parts))).toSorted();

const deadOwner = JSON.stringify({bootId: 'another boot', pid: 1, startTime: '1'});

describe('a sweep', () => {
  it('leaves what the last plan needs, and removes the rest with its records, logs and texts', async () => {
    const zlib = await made('zlib');
    const old = await made('old');
    await mark(['zlib', 'old']);
    await mark(['zlib']);

    const things = await sweep(store, 'remove');

    expect(await store.hasArtifact(zlib.artifact)).toBe(true);
    expect(await store.findByResolvedKey(zlib.resolvedKey)).toEqual(zlib);
    expect(await readFile(zlib.log, 'utf8')).toBe('zlib\n');
    expect(await store.readText(sha256('script of zlib'))).toBe('script of zlib');
    expect(await store.hasArtifact(old.artifact)).toBe(false);
    expect(await store.findByStageKey(old.stageKey)).toBeUndefined();
    expect(await store.findByResolvedKey(old.resolvedKey)).toBeUndefined();
    expect(await store.findNewest('old')).toBeUndefined();
    expect(await isThere(old.log)).toBe(false);
    expect(await store.readText(sha256('script of old'))).toBeUndefined();
    expect(things.map(({kind}) => kind).toSorted()).toEqual(
      ['artifact', 'log', 'record', 'record', 'record', 'text'].toSorted(),
    );
    expect(things.every(({sizeBytes}) => sizeBytes > 0)).toBe(true);
    expect(await names('tmp')).toEqual([]);
  });

  it('only tells when it is asked to', async () => {
    const old = await made('old');
    await mark([]);

    const told = await sweep(store, 'tell');

    expect(told.map(({name}) => name)).toContain(old.artifact);
    expect(await store.hasArtifact(old.artifact)).toBe(true);
    expect(await store.findByStageKey(old.stageKey)).toEqual(old);
  });

  it('keeps the plans of every checkout, Python, target and option', async () => {
    const both = [await made('one'), await made('two')];
    await mark(['one']);
    await mark(['two'], {subject: 'another option'});

    await sweep(store, 'remove');

    expect(await Promise.all(both.map(({artifact}) => store.hasArtifact(artifact)))).toEqual([
      true,
      true,
    ]);
  });

  describe('the plans of a checkout that is not there', () => {
    const checkout = '/no such checkout';
    let gone: StageRecord;

    beforeEach(async () => {
      gone = await made('gone');
      await mark([]);
      await mark(['gone'], {checkout});
    });

    /** As if it had been seen for the last time so many days ago. */
    async function age(days: number): Promise<void> {
      const time = Date.now() / 1000 - days * 24 * 3600;
      for (const name of await names('marks')) {
        await utimes(path.join(store.root, 'marks', name), time, time);
      }
    }

    it('are kept for a while, which is said', async () => {
      await age(13.9);
      const told: MissingCheckout[] = [];

      await sweep(store, 'remove', {onMissing: (missing) => told.push(...missing)});

      expect(await store.hasArtifact(gone.artifact)).toBe(true);
      expect(told).toMatchObject([{checkout, subject: 'cpython'}]);
      const leftMs = (told[0]?.keptUntil.getTime() ?? 0) - Date.now();
      expect(Math.round(leftMs / 3600_000)).toBeLessThanOrEqual(3);
    });

    it('are dropped when it has not been seen for two weeks', async () => {
      await age(14.1);

      await sweep(store, 'remove');

      expect(await store.hasArtifact(gone.artifact)).toBe(false);
      expect(await names('marks')).toHaveLength(1);
    });

    it('are dropped at once on request', async () => {
      await sweep(store, 'remove', {missing: 'forget'});

      expect(await store.hasArtifact(gone.artifact)).toBe(false);
      expect(await names('marks')).toHaveLength(1);
    });

    it('count from the last sweep that saw it, too', async () => {
      const folderOfMount = path.join(folder, 'mount');
      await mkdir(folderOfMount);
      await mark(['gone'], {checkout: folderOfMount});
      await age(15);
      await sweep(store, 'remove');
      await rm(folderOfMount, {recursive: true});

      await sweep(store, 'remove');

      expect(await store.hasArtifact(gone.artifact)).toBe(true);
    });

    it('count from the last plan, though that was the same', async () => {
      await age(15);
      await mark(['gone'], {checkout});

      await sweep(store, 'remove');

      expect(await store.hasArtifact(gone.artifact)).toBe(true);
    });
  });

  it('is refused while a mark is damaged, since nobody knows what that protects', async () => {
    const kept = await made('kept');
    await mark(['kept']);
    const [name = ''] = await names('marks');
    await writeFile(path.join(store.root, 'marks', name), 'damaged');

    await expect(sweep(store, 'remove')).rejects.toMatchObject({code: 'E_DAMAGED_MARK'});

    expect(await store.hasArtifact(kept.artifact)).toBe(true);
  });

  it('keeps what a running builder has marked, whatever the last plan is', async () => {
    const running = await made('running');
    await mark([]);
    await using _running = await store.mark(markOf(['running']));
    await mark([]);

    await sweep(store, 'remove');

    expect(await store.hasArtifact(running.artifact)).toBe(true);
  });

  it('forgets a builder that died', async () => {
    const lost = await made('lost');
    await mark([]);
    const file = path.join(store.root, 'marks', 'running-1.json');
    await writeFile(file, JSON.stringify({...markOf(['lost'], {texts: []}), owner: deadOwner}));

    await sweep(store, 'remove');

    expect(await store.hasArtifact(lost.artifact)).toBe(false);
    expect(await isThere(file)).toBe(false);
  });

  it('waits for a piece of work that no sweep may come in between of', async () => {
    await mark([]);
    const order: string[] = [];
    const working = store.withoutSweep(async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('worked');
    });

    await Promise.all([working, sweep(store, 'remove').then(() => order.push('swept'))]);

    expect(order).toEqual(['worked', 'swept']);
  });

  it('removes sources that no plan pins, but no download that goes on', async () => {
    const [pinned, unpinned, partial, underway] = ['a', 'b', 'c', 'd'].map((text) => sha256(text));
    for (const name of [pinned, unpinned, `${partial}.partial`, `${underway}.partial`]) {
      await writeFile(path.join(store.root, 'sources', name ?? ''), 'x');
    }
    const lockPath = store.sources.temporaryPathFor(underway ?? sha256(''));
    const {acquireOwnerLock} = await import('../../../src/store/owner-lock.js');
    await using _lock = await acquireOwnerLock(
      {path: `${lockPath}.lock`},
      new AbortController().signal,
    );
    await mark([], {sources: [pinned ?? sha256('')]});

    await sweep(store, 'remove');

    expect(await names('sources')).toEqual(
      [pinned, `${underway}.partial`, `${underway}.partial.lock`].toSorted(),
    );
  });

  it("keeps a failed run's files while its plan is the last, and nobody's files that work", async () => {
    const failed = await store.openWorkspace(keyOf('failed'));
    await failed.keep();
    const stale = await store.openWorkspace(keyOf('stale'));
    await stale.keep();
    const owned = await store.openWorkspace(keyOf('owned'));
    await using _lock = await store.lock(keyOf('owned'), new AbortController().signal);
    await mark(['failed']);

    await sweep(store, 'remove');

    expect(await isThere(failed.keptPath)).toBe(true);
    expect(await isThere(stale.keptPath)).toBe(false);
    expect(await isThere(owned.path)).toBe(true);
  });

  it('removes what dead processes left in tmp and locks, and leaves what living ones have there', async () => {
    const mine = `${await ownerName()}-executor-x`;
    const [, startTime = '', boot = ''] = (await ownerName()).split('.');
    // The second one's number was given to another process since.
    await mkdir(path.join(store.root, 'tmp', `999999999.1.${boot}-executor-x`));
    await mkdir(path.join(store.root, 'tmp', `${process.pid}.${startTime}0.${boot}-executor-x`));
    await mkdir(path.join(store.root, 'tmp', mine));
    await writeFile(path.join(store.root, 'locks', keyOf('dead')), deadOwner);
    await using _lock = await store.lock(keyOf('mine'), new AbortController().signal);
    await mark([]);

    await sweep(store, 'remove');

    expect(await names('tmp')).toEqual([mine]);
    expect(await names('locks')).toEqual([keyOf('mine')]);
  });

  it('keeps the record of the last build of a checkout as long as the checkout has a mark', async () => {
    await mark(['kept']);
    const record = {command: 'ampoule build', started: '2026-11-21T09:49:57Z', stages: {}};
    for (const checkout of [folder, '/gone']) {
      await writeBuildRecord(store.layout, {...record, checkout});
    }

    await sweep(store, 'remove');

    expect(await readBuildRecord(store.layout, folder)).toMatchObject(record);
    expect(await readBuildRecord(store.layout, '/gone')).toBeUndefined();
  });

  it('keeps what `why` compares with: the newest record of each stage of the last plan', async () => {
    const before = await made('before', 'dependency/zlib');
    await mark([], {stages: {'dependency/zlib': keyOf('not built yet')}});

    await sweep(store, 'remove');

    expect(await store.findNewest('dependency/zlib')).toEqual(before);
    expect(await isThere(before.log)).toBe(true);
    expect(await store.hasArtifact(before.artifact)).toBe(false);
  });

  it('is refused where no build has ever marked anything', async () => {
    const {artifact} = await made('zlib');

    await expect(sweep(store, 'remove')).rejects.toMatchObject({code: 'E_NO_MARKS'});
    expect(await store.hasArtifact(artifact)).toBe(true);
  });
});

it('a thing that somebody has locked is left, and one that vanished is no error', async () => {
  const kept = path.join(folder, 'kept');
  await writeFile(kept, '');
  const lock = path.join(store.root, 'locks', keyOf('x'));
  await using _lock = await store.lock(keyOf('x'), new AbortController().signal);

  await moveAsideAndRemove(store, () =>
    Promise.resolve([
      {kind: 'work folder', name: 'kept', paths: [kept], lock},
      {kind: 'text', name: 'gone', paths: [path.join(folder, 'gone')]},
    ]),
  );

  expect(await isThere(kept)).toBe(true);
});
