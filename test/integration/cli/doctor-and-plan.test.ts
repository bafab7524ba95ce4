import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  makeFixtureProject,
  type CommandResult,
  type FixtureProject,
} from '../../support/fixture-project.js';
import {withoutEngine} from '../../support/without-engine.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject();
});

afterEach(() => project[Symbol.asyncDispose]());

describe('ampoule plan', () => {
  it('prints every stage with its key and prospect, and runs and fetches nothing', async () => {
    const {code, stdout} = await project.ampoule(['plan']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^run {6}[0-9a-f]{12} rootfs\/build$/m);
    expect(stdout).toMatch(/^run {6}[0-9a-f]{12} distribution\/\S+\/full$/m);
    expect(await readdir(path.join(project.store, 'v1/artifacts'))).toEqual([]);
  });

  it('gives the same keys as JSON, whatever the comments in a recipe say', async () => {
    const first = await project.ampoule(['plan', '--json']);
    await project.edit('recipes/zlib/recipe.yaml', 'build:', '# a comment\nbuild:');
    const second = await project.ampoule(['plan', '--json']);

    const plan = JSON.parse(first.stdout) as {stages: unknown[]; archives: {fileName: string}[]};
    expect(plan.archives.map(({fileName}) => fileName)).toEqual([
      'cpython-3.14.7+20200101-x86_64-unknown-linux-gnu-noopt-full.tar.zst',
      'cpython-3.14.7+20200101-x86_64-unknown-linux-gnu-install_only.tar.gz',
      'cpython-3.14.7+20200101-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz',
    ]);
    expect(second.stdout).toBe(first.stdout);
  });

  it('says what would be restored once it was built', async () => {
    const built = await project.ampoule(['build', '--output', path.join(project.folder, 'dist')]);
    const {stdout} = await project.ampoule(['plan']);

    // The fixture's shell cannot finish a dependency: everything before it is there. What runs beside it may be, or not.
    expect(built.code).toBe(1);
    expect(stdout).toMatch(/^restore .* rootfs\/build$/m);
    expect(stdout).toMatch(/^run .* dependency\/zlib\S*$/m);
  });
});

describe('ampoule doctor', () => {
  it('says that this machine can build', async () => {
    const {code, stdout} = await project.ampoule(['doctor']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {7}sandbox: starts/m);
  });

  it("lists the pins that were not compared with upstream's files", async () => {
    await project.edit('recipes/zlib/recipe.yaml', '  date:', '  unverified: true\n  date:');

    const {code, stdout} = await project.ampoule(['doctor']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {7}pins: not compared with upstream's file yet .*: zlib 1\.0$/m);
  });

  it('names the setting that forbids the sandbox, and its remedy', async () => {
    const {code, stdout} = await project.ampoule(['doctor'], {}, [
      ...['unshare', '--user', '--map-root-user', 'sh', '-c'],
      'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" "$@"',
    ]);

    expect(code).toBe(1);
    expect(stdout).toMatch(
      /PROBLEM {2}sandbox: .*expected user\.max_user_namespaces 15000, found 0.*sysctl -w/,
    );
  });

  it('tells the truth of a machine without an engine, and each thing once', async () => {
    const {code, stdout} = await runWithoutEngine(['doctor', '--executor', 'auto']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {7}engine: none that can be used, stages run in namespaces/m);
    expect(stdout).not.toContain('start Docker');
    for (const title of ['memory', 'open files', 'disk', 'clock', 'mirrors']) {
      expect(stdout).toMatch(new RegExp(`^ok {7}${title}: `, 'm'));
    }
  });

  it('tells the problem of a requested engine once', async () => {
    const words = ['doctor', '--executor', 'docker'];

    const {code, stdout} = await runWithoutEngine(words);

    expect(code).toBe(1);
    expect(stdout.match(/There is no Docker engine/g)).toHaveLength(1);
    expect(stdout).toMatch(/^PROBLEM {2}engine: /m);
    expect(stdout).not.toContain('sandbox:');
  });

  it('names a mirror that does not answer', async () => {
    const mirror = 'http://127.0.0.1:9';

    const {code, stdout} = await project.ampoule(['doctor'], {AMPOULE_DEBIAN_MIRROR: mirror});

    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^PROBLEM {2}mirrors: the mirror that you named cannot be used:\n {2}http:\/\/127\.0\.0\.1:9: .*ECONNREFUSED/m,
    );
  });

  it('names the limit on open files', async () => {
    const {code, stdout} = await project.ampoule(['doctor'], {}, [
      ...['sh', '-c', 'ulimit -n 512 && exec "$0" "$@"'],
    ]);

    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^PROBLEM {2}open files: expected 1024 at once or more, found 512\. Next: ulimit/m,
    );
  });
});

function runWithoutEngine(words: readonly string[]): Promise<CommandResult> {
  const {environment, wrapper} = withoutEngine(project.folder);
  return project.ampoule(words, environment, wrapper);
}
