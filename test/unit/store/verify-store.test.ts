import {appendFile, mkdtemp, readdir, rm, truncate, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {resolvedKeyOf, sha256, stageKeyOf} from '../../../src/core/digest.js';
import {DiskStore} from '../../../src/store/disk-store.js';
import type {StageRecord} from '../../../src/store/store.js';
import {repairStore, verifyStore, type Damage} from '../../../src/store/verify-store.js';

let folder: string;
let store: DiskStore;
let record: StageRecord;
const source = sha256('bytes');

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule verify '));
  store = await DiskStore.open(folder);
  const directory = await mkdtemp(path.join(store.temporaryPath, `${process.pid}-x-`));
  await writeFile(path.join(directory, 'name'), 'zlib');
  const artifact = await store.publish(directory);
  const inputs = {name: 'zlib'};
  record = {
    stage: 'dependency/zlib',
    stageKey: stageKeyOf('zlib'),
    resolvedKey: resolvedKeyOf(inputs),
    inputs,
    artifact,
    seconds: 1,
    log: '/log',
  };
  await store.record(record);
  await writeFile(store.sources.pathOf(source), 'bytes');
  await using _mark = await store.mark({
    checkout: folder,
    subject: 'x',
    stages: {'dependency/zlib': record.stageKey},
    sources: [source],
    texts: ['a script'],
  });
});

afterEach(() => rm(folder, {recursive: true, force: true}));

async function damages(): Promise<readonly Damage[]> {
  return (await verifyStore(store.layout, new AbortController().signal)).damages;
}

const recordFile = (index: string, name: string): string =>
  path.join(store.root, 'records', index, `${name}.json`);

describe('a verification', () => {
  it('finds nothing wrong with a store that nobody touched, and counts what it looked at', async () => {
    const {checked, damages: found} = await verifyStore(store.layout, new AbortController().signal);

    expect(found).toEqual([]);
    expect(checked).toEqual({record: 3, artifact: 1, source: 1, text: 1, mark: 1});
  });

  it.each<[string, () => Promise<void>, Partial<Damage>]>([
    [
      'a byte more in an artifact',
      async () => appendFile(path.join(await store.materialise(record.artifact), 'name'), 'x'),
      {kind: 'artifact', stages: ['dependency/zlib']},
    ],
    [
      'a file more in an artifact',
      async () => writeFile(path.join(await store.materialise(record.artifact), 'new'), ''),
      {kind: 'artifact'},
    ],
    [
      'a truncated source',
      () => truncate(store.sources.pathOf(source), 2),
      {kind: 'source', name: source},
    ],
    [
      'an empty record',
      () => truncate(recordFile('stage-key', record.stageKey), 0),
      {kind: 'record', problem: 'wanted a record, got something else'},
    ],
    [
      'a record of other inputs',
      () =>
        writeFile(
          recordFile('resolved-key', record.resolvedKey),
          JSON.stringify({...record, inputs: {name: 'xz'}}),
        ),
      {kind: 'record', problem: 'its resolved key is not that of its inputs'},
    ],
    [
      'a record under the name of another stage',
      () =>
        writeFile(
          recordFile('newest', 'dependency%2Fzlib'),
          JSON.stringify({...record, stage: 'x'}),
        ),
      {kind: 'record', problem: 'it is the record of something else'},
    ],
    [
      'another text',
      () => writeFile(path.join(store.root, 'texts', sha256('a script')), 'another'),
      {kind: 'text'},
    ],
  ])('finds %s; once repaired it is gone', async (_title, damage, wanted) => {
    await damage();

    const found = await damages();

    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject(wanted);

    await repairStore(store, found);

    expect(await damages()).toEqual([]);
  });

  it('leaves downloads in progress alone', async () => {
    await writeFile(store.sources.temporaryPathFor(source), 'by');

    expect(await damages()).toEqual([]);
    expect(await readdir(path.join(store.root, 'sources'))).toHaveLength(2);
  });
});

it('a damaged record is as good as none', async () => {
  await truncate(recordFile('stage-key', record.stageKey), 7);

  expect(await store.findByStageKey(record.stageKey)).toBeUndefined();
});
