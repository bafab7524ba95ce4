import {mkdir, mkdtemp, readdir, rename, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {resolvedKeyOf, sha256, stageKeyOf} from '../../../src/core/digest.js';
import {DiskStore} from '../../../src/store/disk-store.js';
import type {Workspace} from '../../../src/store/store.js';
import {sweep} from '../../../src/store/sweep.js';

const key = stageKeyOf('llvm');
const inputs = resolvedKeyOf('these compilers');

let folder: string;
let store: DiskStore;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-workspace-'));
  store = await DiskStore.open(folder);
});

afterEach(() => rm(folder, {recursive: true, force: true}));

/** What a run has when it is stopped on its way. */
async function makeFiles({path: workspace}: Workspace): Promise<void> {
  for (const name of ['build', 'out', 'src', 'merged']) {
    await mkdir(path.join(workspace, name));
    await writeFile(path.join(workspace, name, 'file'), '');
  }
}

async function leaveFiles(workspace: Workspace): Promise<void> {
  await makeFiles(workspace);
  await workspace.keep();
}

async function filesOf({path: workspace}: Workspace): Promise<readonly string[]> {
  const entries = await readdir(workspace, {recursive: true});
  return entries.filter((entry) => entry !== 'resolved-key').sort();
}

describe('the workspace of a stage that can be resumed', () => {
  it('keeps what an earlier run built, and nothing else of it', async () => {
    await leaveFiles(await store.openWorkspace(key, inputs));

    const workspace = await store.openWorkspace(key, inputs);

    expect(workspace.isResumed).toBe(true);
    expect(await filesOf(workspace)).toEqual(['build', 'build/file']);
  });

  it('is empty when the inputs came out with other bytes', async () => {
    await leaveFiles(await store.openWorkspace(key, inputs));

    const workspace = await store.openWorkspace(key, resolvedKeyOf('other compilers'));

    expect(workspace.isResumed).toBe(false);
    expect(await filesOf(workspace)).toEqual([]);
  });

  it('is empty when the earlier run was of a stage that cannot be resumed', async () => {
    await leaveFiles(await store.openWorkspace(key));

    const workspace = await store.openWorkspace(key, inputs);

    expect(workspace.isResumed).toBe(false);
    expect(await filesOf(workspace)).toEqual([]);
  });

  it('is empty when its removal was cut off', async () => {
    const first = await store.openWorkspace(key, inputs);
    await leaveFiles(first);
    // What removing begins with.
    await rm(path.join(first.keptPath, 'resolved-key'));

    const workspace = await store.openWorkspace(key, inputs);

    expect(workspace.isResumed).toBe(false);
    expect(await filesOf(workspace)).toEqual([]);
  });

  it('is gone after its removal', async () => {
    const workspace = await store.openWorkspace(key, inputs);
    await makeFiles(workspace);

    await workspace.remove();

    expect(await readdir(path.join(store.root, 'work'))).toEqual([]);
  });

  it('is kept by a sweep while its plan is the last, and removed afterwards', async () => {
    const workspace = await store.openWorkspace(key, inputs);
    await leaveFiles(workspace);
    const mark = {checkout: folder, subject: 'toolchain', sources: [sha256('')], texts: []};
    await (await store.mark({...mark, stages: {llvm: key}}))[Symbol.asyncDispose]();
    await sweep(store, 'remove');
    const kept = await readdir(workspace.keptPath, {recursive: true});

    await (await store.mark({...mark, stages: {}}))[Symbol.asyncDispose]();
    await sweep(store, 'remove');

    expect(kept).toContain('build/file');
    expect(await readdir(path.join(store.root, 'work'))).toEqual([]);
  });
});

describe('the workspace of a run', () => {
  it("is no other run's, as long as its builder may live", async () => {
    const first = await store.openWorkspace(key, inputs);
    await makeFiles(first);

    const second = await store.openWorkspace(key, inputs);

    expect(second.isResumed).toBe(false);
    expect(await filesOf(second)).toEqual([]);
    expect(await filesOf(first)).toContain('build/file');
  });

  it.each([
    ['was killed', '1.1'],
    ['ran before the machine was started again', '1.1.00000000'],
  ])('is taken over by the next one when its builder %s', async (_what, name) => {
    const first = await store.openWorkspace(key, inputs);
    await makeFiles(first);
    const [, ...owner] = path.basename(first.path).split('-')[0]?.split('.') ?? [];
    const dead = [...name.split('.'), ...owner.slice(name.split('.').length)];
    await rename(first.path, `${first.keptPath}.${dead.join('.')}-0`);

    const workspace = await store.openWorkspace(key, inputs);

    expect(workspace.isResumed).toBe(true);
    expect(await filesOf(workspace)).toEqual(['build', 'build/file']);
    expect(await readdir(path.join(store.root, 'work'))).toHaveLength(1);
  });
});

it('the workspace of any other stage is empty at each start', async () => {
  await leaveFiles(await store.openWorkspace(key));

  const workspace = await store.openWorkspace(key);

  expect(workspace.isResumed).toBe(false);
  expect(await filesOf(workspace)).toEqual([]);
});
