import {mkdtemp, rm} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import type {BuildEvent} from '../../../src/core/events.js';
import {buildGraph} from '../../../src/graph/graph.js';
import type {SandboxStage, Stage} from '../../../src/graph/stage.js';
import {runGraph, type BuildOutcome} from '../../../src/scheduler/scheduler.js';
import {DiskStore} from '../../../src/store/disk-store.js';
import {FakeExecutor, type Behaviour} from '../../support/fake-executor.js';
import {hostStage, sandboxStage} from '../../support/stages.js';

let folder: string;
let store: DiskStore;
let events: BuildEvent[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-scheduler-'));
  store = await DiskStore.open(folder);
  events = [];
});

afterEach(() => rm(folder, {recursive: true, force: true}));

const rootfs = hostStage('rootfs');

function needing(
  id: string,
  inputs: string[],
  overrides: Partial<SandboxStage> = {},
): SandboxStage {
  const mounts = [{guestPath: '/deps', stages: inputs}];
  return sandboxStage(id, {mounts, script: `make ${id}`, ...overrides});
}

async function build(
  stages: readonly Stage[],
  executor: FakeExecutor,
  signal: AbortSignal = new AbortController().signal,
): Promise<BuildOutcome> {
  return runGraph(valueOrThrow(buildGraph(stages)), {
    store,
    executor: () => Promise.resolve(executor),
    jobs: 2,
    signal,
    fetchSources: (sources) =>
      Promise.resolve(new Map(sources.map((source) => [source.sha256, '/dev/null']))),
    onEvent: (event) => events.push(event),
  });
}

const kinds = (outcome: BuildOutcome) =>
  Object.fromEntries([...outcome].map(([id, {kind}]) => [id, kind]));

const same: Behaviour = () => Promise.resolve('the same bytes');

describe('the scheduler', () => {
  it('runs each stage once, and none again when nothing changed', async () => {
    const stages = [rootfs, needing('a', []), needing('b', ['a']), needing('c', ['a', 'b'])];
    const first = new FakeExecutor();
    const second = new FakeExecutor();

    await build(stages, first);
    const outcome = await build(stages, second);

    expect(first.started.toSorted()).toEqual(['make a', 'make b', 'make c']);
    expect(second.started).toEqual([]);
    expect(kinds(outcome)).toEqual({
      rootfs: 'restored',
      a: 'restored',
      b: 'restored',
      c: 'restored',
    });
  });

  it('stops rebuilding where a rebuilt stage gives the same bytes', async () => {
    await build([rootfs, needing('a', []), needing('b', ['a'])], new FakeExecutor(same));
    const again = new FakeExecutor(same);

    const changed = needing('a', [], {script: ': note\nmake a'});
    const outcome = await build([rootfs, changed, needing('b', ['a'])], again);

    expect(again.started).toEqual([': note\nmake a']);
    expect(kinds(outcome)).toEqual({rootfs: 'restored', a: 'built', b: 'restored'});
  });

  it('rebuilds exactly what depends on changed bytes', async () => {
    const rest = [rootfs, needing('other', []), needing('b', ['a']), needing('c', ['other'])];
    await build([...rest, needing('a', [])], new FakeExecutor());
    const again = new FakeExecutor();

    await build([...rest, needing('a', [], {script: 'make a --fast'})], again);

    // b's own script did not change, so its fake output is the same text under another resolved key.
    expect(again.started).toEqual(['make a --fast', 'make b']);
  });

  it('goes back to the earlier artifact when a change is taken back', async () => {
    await build([rootfs, needing('a', [])], new FakeExecutor());
    await build([rootfs, needing('a', [], {script: 'other'})], new FakeExecutor());
    const again = new FakeExecutor();

    await build([rootfs, needing('a', [])], again);

    expect(again.started).toEqual([]);
  });

  it('runs independent stages at the same time, but no more than there are job slots', async () => {
    const slow: Behaviour = async (script) => {
      await sleep(10);
      return script;
    };
    const executor = new FakeExecutor(slow, 3);

    await build([rootfs, ...['a', 'b', 'c', 'd', 'e', 'f'].map((id) => needing(id, []))], executor);

    expect(executor.mostAtOnce).toBe(3);
  });

  it('names the failed stage, its log and its last lines, and blocks what depends on it', async () => {
    const executor = new FakeExecutor((script) =>
      Promise.resolve(script === 'make a' ? {kind: 'exited', code: 2} : script),
    );

    const outcome = await build([rootfs, needing('a', []), needing('b', ['a'])], executor);

    expect(kinds(outcome)).toEqual({rootfs: 'built', a: 'failed', b: 'blocked'});
    expect(outcome.get('a')).toMatchObject({
      error: {
        code: 'E_STAGE_FAILED',
        details: {reason: 'exit code 2', lastLines: ['running make a']},
      },
    });
  });

  it('finishes what runs after a failure, and starts nothing new', async () => {
    const executor = new FakeExecutor(async (script) => {
      if (script === 'make bad') return {kind: 'exited', code: 1};
      await sleep(20);
      return script;
    });

    const stages = [needing('bad', []), needing('running', []), needing('later', ['running'])];
    const outcome = await build([rootfs, ...stages], executor);

    expect(kinds(outcome)).toMatchObject({bad: 'failed', running: 'built', later: 'cancelled'});
  });

  it('says when equal inputs gave other bytes, and keeps the first', async () => {
    let count = 0;
    const flaky: Behaviour = () => Promise.resolve(`bytes ${(count += 1)}`);
    const first = await build([rootfs, needing('a', [])], new FakeExecutor(flaky));
    const artifact = first.get('a');
    if (artifact?.kind !== 'built') throw new Error('a was not built');
    await rm(await store.materialise(artifact.artifact), {recursive: true});

    await build([rootfs, needing('a', [])], new FakeExecutor(flaky));

    expect(events.filter(({type}) => type === 'stage-differed')).toHaveLength(1);
  });

  it('reports every stage as cancelled when the build is stopped', async () => {
    const controller = new AbortController();
    const executor = new FakeExecutor((script) => {
      controller.abort(new Error('stopped'));
      return Promise.resolve(script);
    });

    const outcome = await build(
      [rootfs, needing('a', []), needing('b', ['a'])],
      executor,
      controller.signal,
    );

    expect(kinds(outcome)).toEqual({rootfs: 'built', a: 'cancelled', b: 'cancelled'});
  });

  it('lets two builders share one store without building anything twice', async () => {
    const slow: Behaviour = async (script) => {
      await sleep(10);
      return script;
    };
    const stages = [rootfs, needing('a', []), needing('b', ['a'])];
    const executors = [new FakeExecutor(slow), new FakeExecutor(slow)] as const;

    await Promise.all(executors.map((executor) => build(stages, executor)));

    expect(executors.flatMap(({started}) => started).toSorted()).toEqual(['make a', 'make b']);
  });
});
