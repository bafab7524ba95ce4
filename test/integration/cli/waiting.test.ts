import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {layoutOf} from '../../../src/store/layout.js';
import {acquireOwnerLock, lockIn} from '../../../src/store/owner-lock.js';
import type {OwnerLock} from '../../../src/store/store.js';
import {
  makeFixtureProject,
  startCommand,
  type FixtureProject,
} from '../../support/fixture-project.js';
import {withoutEngine} from '../../support/without-engine.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject();
});

afterEach(() => project[Symbol.asyncDispose]());

/** Holds the lock of a stage as another builder that builds it. */
async function holdLock(stage: string): Promise<OwnerLock> {
  const {stdout} = await project.ampoule(['plan', '--json']);
  const {stages} = JSON.parse(stdout) as {stages: {stage: string; key: string}[]};
  const key = stages.find((one) => one.stage === stage)?.key ?? '';
  return acquireOwnerLock(lockIn(layoutOf(project.store), key), new AbortController().signal);
}

describe('beside another build', () => {
  const build = ['build', '--output', 'dist'];

  it('tells the command of that build', async () => {
    await using _lock = await holdLock('rootfs/build');
    const running = project.start(build);

    await running.said(`rootfs/build: being built by process ${process.pid} (`);
    running.kill('SIGTERM');

    const {stderr} = await running.result;
    expect(stderr).toMatch(/being built by process \d+ \(.*(node|vitest)/);
  });

  it('fails at once without the engine that was asked for', async () => {
    await using _lock = await holdLock('rootfs/build');
    const {environment, wrapper} = withoutEngine(project.folder);

    const {code, stderr} = await project.ampoule([...build, '--executor', 'docker'], environment, [
      ...wrapper,
      'timeout',
      '-s',
      'KILL',
      '20',
    ]);

    expect({code, stderr}).toEqual({
      code: 1,
      stderr: expect.stringContaining('There is no Docker engine') as string,
    });
    expect(stderr).not.toContain('waiting');
  });
});

it('any number of stages may wait for the end of a command', async () => {
  const runToEnd = path.resolve(import.meta.dirname, '../../../lib/cli/run-to-end.js');
  const program = `
    import {setTimeout as sleep} from 'node:timers/promises';
    const {runToEnd} = await import(${JSON.stringify(runToEnd)});
    await runToEnd((signal) => Promise.all(Array.from({length: 30}, () => sleep(1, undefined, {signal}))));`;

  const {code, stderr} = await startCommand(
    [process.execPath, '--input-type=module', '-e', program],
    process.env,
  ).result;

  expect({code, stderr}).toEqual({code: 0, stderr: ''});
});
