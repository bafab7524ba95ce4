import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  resolvedKeyOf,
  sha256,
  stageKeyOf,
  type ArtifactDigest,
  type JsonValue,
} from '../../../src/core/digest.js';
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
      {kind: 'record', problem: 'expected a record, found something else'},
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
    [
      'a digest in a mark that is another one',
      async () => {
        const [mark = ''] = await readdir(path.join(store.root, 'marks'));
        const file = path.join(store.root, 'marks', mark);
        const text = await readFile(file, 'utf8');
        await writeFile(file, text.replace(source, sha256('other bytes')));
      },
      {kind: 'mark', problem: 'expected a mark, found something else'},
    ],
    [
      'a mark of another checkout',
      async () => {
        const [mark = ''] = await readdir(path.join(store.root, 'marks'));
        await rename(
          path.join(store.root, 'marks', mark),
          path.join(store.root, 'marks', `${sha256('').slice(0, 32)}.json`),
        );
      },
      {kind: 'mark', problem: 'it is the mark of something else'},
    ],
    [
      'an ending of a log that is another one',
      async () => {
        const log = await store.openLog('dependency/zlib');
        await log.close({outcome: 'built', seconds: 1});
        const note = log.path.replace(/log$/, 'json');
        await writeFile(note, (await readFile(note, 'utf8')).replace('built', 'failed'));
      },
      {kind: 'log', stages: ['dependency/zlib']},
    ],
  ])('finds %s; once repaired it is gone', async (_title, damage, wanted) => {
    await damage();

    const found = await damages();

    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject(wanted);

    await repairStore(store, found);

    expect(await damages()).toEqual([]);
  });

  it('names what was built from it, directly or through other stages', async () => {
    const build = async (name: string, inputs: JsonValue): Promise<ArtifactDigest> => {
      const directory = await mkdtemp(path.join(store.temporaryPath, `${process.pid}-x-`));
      await writeFile(path.join(directory, 'name'), name);
      const artifact = await store.publish(directory);
      const key = {stageKey: stageKeyOf(name), resolvedKey: resolvedKeyOf(inputs)};
      await store.record({stage: name, ...key, inputs, artifact, seconds: 1, log: '/log'});
      return artifact;
    };
    const python = await build('cpython', {mounts: [{artifacts: [record.artifact]}]});
    await build('archive', {rootfs: python, name: 'x'});
    await build('other', {sources: {'x.tar': source}});
    await truncate(path.join(await store.materialise(record.artifact), 'name'), 1);
    await truncate(store.sources.pathOf(source), 1);

    const found = await damages();

    expect(found).toMatchObject([
      {kind: 'artifact', stages: ['dependency/zlib'], dependents: ['archive', 'cpython']},
      {kind: 'source', dependents: ['other']},
    ]);
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
