import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import type {BuildEvent} from '../../../src/core/events.js';
import type {Exit} from '../../../src/executor/executor.js';
import {buildGraph} from '../../../src/graph/graph.js';
import {stageKeys} from '../../../src/graph/key.js';
import type {Stage} from '../../../src/graph/stage.js';
import {runGraph, type BuildOutcome} from '../../../src/scheduler/scheduler.js';
import {DiskStore} from '../../../src/store/disk-store.js';
import {FakeExecutor, type Behaviour} from '../../support/fake-executor.js';
import {hostStage, sandboxStage} from '../../support/stages.js';

const rootfs = hostStage('rootfs');
const plain = sandboxStage('long', {script: 'make long'});
const long = {...plain, isResumable: true as const};

let folder: string;
let store: DiskStore;
let events: BuildEvent[];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-resume-'));
  store = await DiskStore.open(folder);
  events = [];
});

afterEach(() => rm(folder, {recursive: true, force: true}));

function build(
  stages: readonly Stage[],
  behaviour: Behaviour,
  signal: AbortSignal = new AbortController().signal,
): Promise<BuildOutcome> {
  return runGraph(valueOrThrow(buildGraph(stages)), {
    store,
    executor: () => Promise.resolve(new FakeExecutor(behaviour)),
    jobs: 2,
    signal,
    fetchSources: () => Promise.resolve(new Map()),
    onEvent: (event) => events.push(event),
  });
}

/** Adds a line to a file of `/build` and ends as told; the artifact of a run that succeeds tells the lines. */
function addLine(line: string, exit?: Exit): Behaviour {
  return async (_script, workspacePath) => {
    const file = path.join(workspacePath, 'build/lines');
    await mkdir(path.dirname(file), {recursive: true});
    await writeFile(file, `${line}\n`, {flag: 'a'});
    return exit ?? readFile(file, 'utf8');
  };
}

async function linesOf(outcome: BuildOutcome): Promise<string> {
  const end = outcome.get('long');
  if (end?.kind !== 'built') throw new Error(`long ended as ${end?.kind ?? 'nothing'}`);
  return readFile(path.join(await store.materialise(end.artifact), 'result'), 'utf8');
}

/** Stops the build while the stage runs. */
async function interrupt(stage: Stage): Promise<BuildOutcome> {
  const stop = new AbortController();
  const first = addLine('first');
  return build(
    [rootfs, stage],
    async (...call) => {
      const end = await first(...call);
      stop.abort();
      return end;
    },
    stop.signal,
  );
}

describe('a stage that can be resumed', () => {
  it('goes on with the files of a run that was stopped, and says so', async () => {
    const stopped = await interrupt(long);

    const outcome = await build([rootfs, long], addLine('second'));

    expect(stopped.get('long')?.kind).toBe('cancelled');
    expect(await linesOf(outcome)).toBe('first\nsecond\n');
    expect(events).toContainEqual({
      type: 'notice',
      message: 'resuming long from an earlier run',
    });
    expect(await readdir(path.join(store.root, 'work'))).toEqual([]);
  });

  it('goes on with the files of a run that failed', async () => {
    await build([rootfs, long], addLine('first', {kind: 'signalled', signal: 'SIGKILL'}));

    const outcome = await build([rootfs, long], addLine('second'));

    expect(await linesOf(outcome)).toBe('first\nsecond\n');
  });

  it('begins anew when its script changed', async () => {
    await interrupt(long);

    const outcome = await build([rootfs, {...long, script: 'make it'}], addLine('second'));

    expect(await linesOf(outcome)).toBe('second\n');
  });

  it('has the key that it would have if it could not be resumed', () => {
    const keysOf = (stage: Stage) => stageKeys(valueOrThrow(buildGraph([rootfs, stage])));

    expect(keysOf(long)).toEqual(keysOf(plain));
  });
});

it('any other stage begins anew, and leaves nothing when it is stopped', async () => {
  await interrupt(plain);

  expect(await readdir(path.join(store.root, 'work'))).toEqual([]);
});
