import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  fixtureStages,
  makeFixtureProject,
  type FixtureProject,
} from '../../support/fixture-project.js';

let project: FixtureProject;
const marker = `sleep 3600.${process.pid}`;

beforeEach(async () => {
  project = await makeFixtureProject();
  await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', `${marker} & ${marker}`);
});

afterEach(() => project[Symbol.asyncDispose]());

async function isRunning(): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return lines.some((line) => line.replaceAll('\0', ' ').startsWith(marker));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}

describe('a build that is stopped', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s ends with %i and leaves nothing running or locked', async (signal, code) => {
    const command = project.start(['build', '--output', path.join(project.folder, 'dist')]);
    await command.said('start    dependency/zlib');
    await until(isRunning);

    command.kill(signal);

    const {stderr, ...ended} = await command.result;
    expect(ended).toEqual({code, stdout: ''});
    // Stages that never began are counted only.
    const stopped = [...stderr.matchAll(/^stopped {2}(\S+)$/gm)].map(([, stage]) => stage);
    const begun = [...stderr.matchAll(/^start {4}(\S+) /gm)].map(([, stage]) => stage);
    expect(stopped).toContain(fixtureStages.zlib);
    expect(begun).toEqual(expect.arrayContaining(stopped));
    expect(stderr).toMatch(
      /^\d stages? built, \d from the store, in [\dhms ]+; \d+ not built\nwhat was built is kept: .*\ninterrupted; run again to continue\n$/m,
    );
    await until(async () => !(await isRunning()));
    expect(await readdir(path.join(project.store, 'v1/locks'))).toEqual([]);
    expect(await readdir(path.join(project.store, 'v1/work'))).toEqual([]);
    expect(await readdir(path.join(project.store, 'v1/tmp'))).toEqual([]);
  });

  it('by SIGKILL leaves nothing running, and a store that the next build can use', async () => {
    const command = project.start(['build', '--output', path.join(project.folder, 'dist')]);
    await command.said('start    dependency/zlib');
    await until(isRunning);

    command.kill('SIGKILL');
    await command.result;
    await until(async () => !(await isRunning()));
    await project.edit('recipes/zlib/recipe.yaml', `${marker} & ${marker}`, 'exit 7');
    const next = await project.ampoule(['build', '--output', path.join(project.folder, 'dist')]);

    expect(next.stderr).toContain(`Stage ${fixtureStages.zlib} failed: exit code 7`);
  });
});
