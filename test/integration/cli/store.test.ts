import {appendFile, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  fixtureStages,
  letStagesGo,
  makeFixtureProject,
  type FixtureProject,
} from '../../support/fixture-project.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
});

afterEach(() => project[Symbol.asyncDispose]());

const build = () => project.buildAllButZlib();

const inStore = (...parts: string[]): string => path.join(project.store, 'v1', ...parts);

describe('ampoule store path', () => {
  it("prints the store's folder, a stage's artifact and a source", async () => {
    await build();

    const root = await project.ampoule(['store', 'path']);
    const stage = await project.ampoule([
      'store',
      'path',
      'setup-local/cpython-3.14',
      '--sources',
      'debian',
    ]);
    const source = await project.ampoule([
      'store',
      'path',
      'zlib-1.0.tar',
      '--sources',
      'debian',
      '--json',
    ]);

    expect(root.stdout).toBe(`${inStore()}\n`);
    expect(await readdir(stage.stdout.trim())).toContain('Setup.local');
    expect(JSON.parse(source.stdout)).toMatchObject({what: 'zlib-1.0.tar'});
  });

  it('ends with code 1 and the next step for what is not there', async () => {
    const {code, stdout, stderr} = await project.ampoule([
      ...['store', 'path', 'setup-local/cpython-3.14', '--sources', 'debian'],
    ]);

    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(`Next: ampoule why ${fixtureStages.setupLocal}`);
  });
});

describe('ampoule store verify', () => {
  it('names what is damaged; once repaired the next build makes it anew', async () => {
    await build();
    const artifact = await project.ampoule([
      'store',
      'path',
      'setup-local/cpython-3.14',
      '--sources',
      'debian',
    ]);
    await appendFile(path.join(artifact.stdout.trim(), 'Setup.local'), '# damage\n');
    const source = await project.ampoule(['store', 'path', 'zlib-1.0.tar', '--sources', 'debian']);
    await writeFile(source.stdout.trim(), 'damage');

    const found = await project.ampoule(['store', 'verify']);

    expect(found.code).toBe(1);
    expect(found.stdout).toContain(`damaged artifact ${fixtureStages.setupLocal}: expected digest`);
    expect(found.stdout).toContain('damaged source zlib-1.0.tar: expected digest');
    expect(found.stdout).toMatch(/: 2 damaged$/m);
    expect(found.stderr).toContain('ampoule store verify --repair');

    const repaired = await project.ampoule(['store', 'verify', '--repair', '--json']);
    const why = await project.ampoule(['why', 'setup-local/cpython-3.14']);
    const again = await build();
    const after = await project.ampoule(['store', 'verify', '--json']);

    expect(repaired.code).toBe(0);
    expect(JSON.parse(repaired.stdout)).toMatchObject({ok: false, repaired: true});
    expect(why.stdout).toContain('its artifact is not in the store any more');
    expect(again.stderr).toMatch(/^built {4}setup-local\/cpython-3\.14/m);
    expect(JSON.parse(after.stdout)).toMatchObject({ok: true, damages: []});
  });
});

describe('ampoule store gc', () => {
  it('removes what the last plan does not need, after it said so', async () => {
    await build();
    await project.edit('static-modules/all.yaml', '[_b.c]', '[_b.c], linkage: shared');
    await build();
    const before = await readdir(inStore('artifacts'));

    const dry = await project.ampoule(['store', 'gc', '--dry-run', '--json']);
    const swept = await project.ampoule(['store', 'gc', '--json']);
    const plan = await project.ampoule(['plan']);
    const nothing = await project.ampoule(['store', 'gc']);

    const told = JSON.parse(dry.stdout) as {removed: {kind: string; name: string}[]};
    expect(told).toMatchObject({dryRun: true});
    expect(told.removed.filter(({kind}) => kind === 'artifact')).not.toEqual([]);
    expect(JSON.parse(swept.stdout)).toEqual({...told, dryRun: false});
    const gone = before.filter((name) => told.removed.some((thing) => thing.name === name));
    expect(await readdir(inStore('artifacts'))).toEqual(
      before.filter((name) => !gone.includes(name)),
    );
    expect(plan.stdout).toMatch(/^restore .* setup-local\/cpython-3\.14\S*$/m);
    expect(nothing.stdout).toBe('freed 0 bytes (0.0 MB)\n');
  });

  it('keeps what a build beside it uses, and the files of its failed stage', async () => {
    await project.edit(
      'recipes/zlib/recipe.yaml',
      'echo building zlib',
      'until [ -e /build/go ]; do sleep 0.05; done; echo gone on; exit 3',
    );
    const running = project.start(['build', '--output', path.join(project.folder, 'dist')]);
    await running.said('start    dependency/zlib');
    await running.said('built    setup-local/');
    // Without this the running builder alone keeps things.
    for (const name of await readdir(inStore('marks'))) {
      if (!name.startsWith('running-')) await rm(inStore('marks', name));
    }

    const swept = await project.ampoule(['store', 'gc']);
    const {stderr} = await letStagesGo(project.store, running);

    expect(swept.code).toBe(0);
    expect(stderr).toContain('  | gone on');
    expect((await project.ampoule(['plan'])).stdout).toMatch(/^restore .* setup-local/m);
  });

  it('refuses a repair while a build runs', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', 'sleep 3600');
    const running = project.start(['build', '--output', path.join(project.folder, 'dist')]);
    await running.said('start    dependency/zlib');
    await writeFile(inStore('texts', 'f'.repeat(64)), 'damage');

    const {code, stderr} = await project.ampoule(['store', 'verify', '--repair']);

    expect(code).toBe(1);
    expect(stderr).toMatch(/in use by process \d+/);
    running.kill('SIGINT');
    await running.result;
  });
});
