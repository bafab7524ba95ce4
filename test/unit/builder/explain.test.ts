import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {explain, reasonOf} from '../../../src/builder/explain.js';
import {markOf} from '../../../src/builder/mark-plan.js';
import {prospectsOf} from '../../../src/builder/prospects.js';
import {describeCauses} from '../../../src/cli/why/text.js';
import {InternalError, valueOrThrow} from '../../../src/core/errors.js';
import type {RunReason} from '../../../src/core/run-reason.js';
import {buildGraph} from '../../../src/graph/graph.js';
import type {SandboxStage, Stage} from '../../../src/graph/stage.js';
import {runGraph, type SchedulerResources} from '../../../src/scheduler/scheduler.js';
import {DiskStore} from '../../../src/store/disk-store.js';
import {logsOf} from '../../../src/store/stage-logs.js';
import {FakeExecutor} from '../../support/fake-executor.js';
import {hostStage, sandboxStage} from '../../support/stages.js';

let folder: string;
let store: DiskStore;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-explain-'));
  store = await DiskStore.open(folder);
});

afterEach(() => rm(folder, {recursive: true, force: true}));

const name = {checkout: '/checkout', subject: 'cpython'};

/** rootfs, sqlite on it, python on sqlite, archive on python; each script is its stage's name unless told. */
function stages(scripts: Readonly<Record<string, string>> = {}): readonly Stage[] {
  const on = (id: string, inputs: readonly string[]): SandboxStage =>
    sandboxStage(id, {
      mounts: [{guestPath: '/deps', stages: inputs}],
      script: scripts[id] ?? id,
    });
  return [
    hostStage('rootfs'),
    on('sqlite', []),
    on('python', ['sqlite']),
    on('archive', ['python']),
  ];
}

async function build(
  those: readonly Stage[],
  more: Partial<SchedulerResources> = {},
): Promise<void> {
  const graph = valueOrThrow(buildGraph(those));
  await using _mark = await store.mark(markOf(name, [graph]));
  const executor = new FakeExecutor();
  await runGraph(graph, {
    store,
    executor: () => Promise.resolve(executor),
    jobs: 2,
    signal: new AbortController().signal,
    fetchSources: () => Promise.resolve(new Map()),
    onEvent: () => undefined,
    ...more,
  });
}

async function why(id: string, those: readonly Stage[]) {
  const graph = valueOrThrow(buildGraph(those));
  const stage = graph.stages.get(id);
  if (stage === undefined) throw new InternalError(id);
  const prospects = await prospectsOf(graph, store);
  const mark = await store.findMark(name);
  const causes = await explain(stage, {graph, prospects, store, mark});
  return {causes, prospect: prospects.get(id)?.kind ?? 'unknown'};
}

/** The first line that a person reads. */
async function told(id: string, those: readonly Stage[]): Promise<string> {
  const {causes, prospect} = await why(id, those);
  if (prospect === 'restore') return 'restore';
  return describeCauses(id, prospect, causes).split('\n', 1).join('');
}

describe('why a stage would run', () => {
  it('is that it was never built, whatever its inputs are', async () => {
    expect(await told('python', stages())).toBe(
      'python would run: it was never built in this store',
    );
  });

  it('is nothing once it ran', async () => {
    await build(stages());

    const {causes, prospect} = await why('archive', stages());

    expect([causes, prospect]).toEqual([[], 'restore']);
  });

  it('is its own script', async () => {
    await build(stages());

    const {causes, prospect} = await why('archive', stages({archive: 'other'}));

    expect(prospect).toBe('run');
    expect(causes).toMatchObject([{stage: 'archive', changes: [{field: 'script'}]}]);
  });

  it('is open while an input must be made; the root cause comes first, with the way from it', async () => {
    await build(stages());

    const {causes, prospect} = await why('archive', stages({sqlite: 'new', archive: 'other'}));

    expect(prospect).toBe('unknown');
    expect(causes).toMatchObject([
      {stage: 'sqlite', changes: [{field: 'script'}], path: ['sqlite', 'python', 'archive']},
      {stage: 'archive', changes: [{field: 'script'}], path: ['archive']},
    ]);
    expect(await told('python', stages({sqlite: 'new'}))).toBe(
      'python is not known yet: sqlite changed <- its script changed',
    );
  });

  it('is an input that came out with other bytes, and what changed in that', async () => {
    await build(stages());
    await build(stages({sqlite: 'new'}).slice(0, 2));

    expect(await told('python', stages({sqlite: 'new'}))).toBe(
      'python would run: sqlite changed <- its script changed',
    );
  });

  it('is one root cause, by however many ways it arrives', async () => {
    const diamond = (script: string): readonly Stage[] => [
      ...stages({sqlite: script}).slice(0, 3),
      sandboxStage('other', {
        mounts: [{guestPath: '/deps', stages: ['sqlite']}],
        script: `other of ${script}`,
      }),
      sandboxStage('archive', {mounts: [{guestPath: '/in', stages: ['python', 'other']}]}),
    ];
    await build(diamond('old'));
    await build(diamond('new').slice(0, 4));

    const {causes} = await why('archive', diamond('new'));

    expect(causes.map(({stage}) => stage)).toEqual(['sqlite', 'other']);
  });

  it('is an artifact that is gone', async () => {
    await build(stages());
    const [record] = await store.recordsOf('archive');
    await rm(await store.materialise(record?.artifact ?? ('' as never)), {recursive: true});

    expect(await told('archive', stages())).toBe(
      'archive would run: its artifact is not in the store any more',
    );
  });

  it('is told against the last plan of this checkout, not against what another one built since', async () => {
    await build(stages());
    const mark = await store.findMark(name);
    await build(stages({archive: 'of another checkout'}));
    await using _mark = await store.mark({
      ...name,
      stages: mark?.stages ?? {},
      sources: [],
      texts: [],
    });

    const {causes} = await why('archive', stages({archive: 'mine'}));

    const [first] = await store
      .recordsOf('archive')
      .then((records) => records.filter(({stageKey}) => stageKey === mark?.stages['archive']));
    const {artifact, log} = first ?? {};
    expect(causes[0]?.earlier).toMatchObject({artifact, log});
  });
});

/** Builds, and returns why each stage ran. */
async function reasonsOf(those: readonly Stage[]): Promise<ReadonlyMap<string, RunReason>> {
  const mark = await store.findMark(name);
  const reasons = new Map<string, RunReason>();
  await build(those, {
    reasonOf: (stage) => reasonOf(stage, {store, marks: mark === undefined ? [] : [mark]}),
    onEvent: (event) => {
      if (event.type !== 'stage-started' || event.reason === undefined) return;
      reasons.set(event.stage, event.reason);
    },
  });
  return reasons;
}

describe('why a stage runs', () => {
  it('is what differs from the run of the last plan, input stages included; its log keeps it', async () => {
    const first = await reasonsOf(stages());
    const second = await reasonsOf(stages({sqlite: 'new\nlines'}));

    expect(first.get('sqlite')).toEqual({changes: []});
    expect([...second.keys()]).toEqual(['sqlite', 'python']);
    expect(second.get('sqlite')).toMatchObject({
      earlier: {log: expect.stringContaining('/logs/sqlite/') as string},
      changes: [{field: 'script', diff: expect.arrayContaining(['+new', '+lines']) as string[]}],
    });
    expect(second.get('python')?.changes).toMatchObject([{field: 'input', stage: 'sqlite'}]);
    const [log] = await logsOf(store.layout, 'sqlite');
    expect(log).toMatchObject({outcome: 'built', reason: second.get('sqlite')});
  });

  it('is the lost artifact if nothing differs', async () => {
    await build(stages());
    const record = await store.findNewest('archive');
    await rm(await store.materialise(record?.artifact ?? ('' as never)), {recursive: true});

    const reason = (await reasonsOf(stages())).get('archive');

    expect(reason).toMatchObject({earlier: {artifact: record?.artifact}, changes: []});
  });
});
