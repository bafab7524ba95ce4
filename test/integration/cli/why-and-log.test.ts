import {readFile} from 'node:fs/promises';
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

/** Gives CPython another version and its source another name: both stages before CPython's own see that. */
async function changePython(): Promise<void> {
  const recipe = 'recipes/cpython/recipe.yaml';
  await project.edit(recipe, '"3.14.7"', '"3.14.8"');
  await project.edit(recipe, 'cpython-3.14-3.14.7.tar', 'cpython-3.14-3.14.8.tar');
}

describe('ampoule why', () => {
  it('says that a stage never ran, and that one would be restored', async () => {
    const before = await project.ampoule(['why', 'setup-local/cpython-3.14']);
    await project.buildAllButZlib();
    const after = await project.ampoule(['why', 'setup-local/cpython-3.14']);

    expect(before.stdout).toMatch(/^setup-local\/cpython-3\.14\S* would run: it was never built/);
    expect(after.stdout).toMatch(/^setup-local\/cpython-3\.14\S* would be restored/);
    expect(after.stdout).toMatch(/\n {2}artifact [0-9a-f]{12}, made \d{4}-\d\d-\d\dT[\d:]+Z in /);
    expect(after.stdout).toMatch(/\n {2}it ran then because it was never built in this store\n/);
  });

  it('names the root cause with the lines that changed, and what follows from it', async () => {
    await project.buildAllButZlib();
    await changePython();

    const {code, stdout} = await project.ampoule(['why', 'setup-local/cpython-3.14']);

    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(
      /^setup-local\/cpython-3\.14\S* is not known yet: setup-files\/cpython-3\.14\S* changed <- its source cpython-3\.14-3\.14\.7\.tar is gone, and 2 more/,
    );
    const root = lines.findIndex((line) =>
      line.startsWith(`${fixtureStages.setupFiles}, what changed`),
    );
    const own = lines.findIndex((line) =>
      line.startsWith(`${fixtureStages.setupLocal}, what changed`),
    );
    expect(root).toBeGreaterThan(0);
    expect(own).toBeGreaterThan(root);
    expect(stdout).toMatch(/^ {4}-tar .*cpython-3\.14-3\.14\.7\.tar/m);
    expect(stdout).toMatch(/^ {4}\+tar .*cpython-3\.14-3\.14\.8\.tar/m);
    expect(stdout).toContain(
      `\n  then: ${fixtureStages.setupFiles} -> ${fixtureStages.setupLocal}`,
    );
    expect(stdout).toMatch(/^ {4}\+ "python": "3\.14\.8"/m);
  });

  it('tells the same as JSON', async () => {
    await project.buildAllButZlib();
    await changePython();

    const {stdout} = await project.ampoule(['why', 'setup-local/cpython-3.14', '--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      stage: fixtureStages.setupLocal,
      prospect: 'unknown',
      causes: [
        {
          stage: fixtureStages.setupFiles,
          path: [fixtureStages.setupFiles, fixtureStages.setupLocal],
          changes: [{field: 'source'}, {field: 'source'}, {field: 'script'}],
        },
        {stage: fixtureStages.setupLocal, changes: [{field: 'parameters'}]},
      ],
    });
  });
});

describe('why the stages of a build run', () => {
  it('is told as they start, and of the last build, root cause first', async () => {
    await project.buildAllButZlib();
    await changePython();
    const build = ['build', '--output', path.join(project.folder, 'dist'), '--explain'];
    const running = project.start(build);
    await running.said('built    setup-local');
    const {stderr} = await letStagesGo(project.store, running);

    const all = await project.ampoule(['why', '--last']);
    const one = await project.ampoule(['why', '--last', 'setup-local']);
    const json = await project.ampoule(['why', '--last', 'setup-local', '--json']);

    expect(stderr).toMatch(
      /^because {2}setup-files\S*: its source cpython-3\.14-3\.14\.7\.tar is gone$/m,
    );
    expect(stderr).toMatch(/^because {2}setup-local\S*: the parameters of its function changed$/m);
    expect(all.stdout).toMatch(
      /^ampoule build .*, \d{4}-\S+Z: 3 stages ran, 2 from the store, 9 not reached\n/,
    );
    expect(all.stdout).toMatch(
      /^built {4}setup-files\S* in [\d.]+ s: its source cpython-3\.14-3\.14\.7\.tar is gone, and 2 more/m,
    );
    expect(all.stdout).toMatch(/^failed {3}dependency\/zlib\S* in [\d.]+ s: it was never built/m);
    expect(one.stdout).toMatch(/^setup-local\S* ran: the parameters of its function changed\n/);
    expect(one.stdout).toMatch(/^ {4}\+ "python": "3\.14\.8"/m);
    expect(JSON.parse(json.stdout)).toMatchObject({
      stage: fixtureStages.setupLocal,
      outcome: 'built',
      causes: [{stage: fixtureStages.setupLocal, changes: [{field: 'parameters'}]}],
    });
  });

  it('is told of an earlier build if a stage was in the store', async () => {
    await project.buildAllButZlib();
    const again = ['build', '--output', path.join(project.folder, 'dist')];
    await letStagesGo(project.store, project.start(again));

    const {stdout} = await project.ampoule(['why', '--last', 'setup-local']);

    expect(stdout).toMatch(/: setup-local\S* was in the store: none of its inputs had changed\n/);
    expect(stdout).toMatch(/\n {2}it ran \S+Z before that, because it was never built in this/);
  });

  it('needs no options that select a plan', async () => {
    const {code, stderr} = await project.ampoule(['why', '--last', '--python', '3.13']);

    expect(code).toBe(2);
    expect(stderr).toMatch(/'--python <version>' cannot be used with option '--last'\nNext: /);
  });
});

describe('ampoule log', () => {
  it('prints the newest log of a stage, and how each stage ended', async () => {
    await project.buildAllButZlib();

    const one = await project.ampoule(['log', 'zlib']);
    const all = await project.ampoule(['log']);
    const json = await project.ampoule(['log', 'zlib', '--json']);

    expect(one).toMatchObject({code: 0, stdout: 'no such header\n'});
    expect(one.stderr).toMatch(/^dependency\/zlib\S*, started .*: failed in [\d.]+ s$/m);
    expect(all.stdout).toMatch(/^dependency\/zlib\S* +\S+Z {2}failed in [\d.]+ s$/m);
    expect(all.stdout).toMatch(/^setup-local\/cpython-3\.14\S* +\S+Z {2}built in [\d.]+ s$/m);
    const log = JSON.parse(json.stdout) as {path: string; outcome: string};
    expect(log.outcome).toBe('failed');
    expect(await readFile(log.path, 'utf8')).toBe('no such header\n');
  });

  it('follows the stage of a build that runs, to its end', async () => {
    await project.edit(
      'recipes/zlib/recipe.yaml',
      'echo building zlib',
      'echo first; until [ -e /build/go ]; do sleep 0.05; done; echo last; exit 3',
    );
    const running = project.start(['build', '--output', path.join(project.folder, 'dist')]);
    await running.said('start    dependency/zlib');
    const following = project.start(['log', 'zlib', '-f']);
    await following.said(': running');

    const built = await letStagesGo(project.store, running);

    expect(await following.result).toMatchObject({code: 0, stdout: 'first\nlast\n'});
    expect((await following.result).stderr).toMatch(/: failed in [\d.]+ s\n$/);
    expect(built.code).toBe(1);
  });

  it('ends at once with Ctrl-C', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', 'echo first; sleep 3600');
    const running = project.start(['build', '--output', path.join(project.folder, 'dist')]);
    await running.said('start    dependency/zlib');
    const following = project.start(['log', 'zlib', '--follow']);
    await following.said(': running');

    following.kill('SIGINT');

    expect(await following.result).toMatchObject({code: 130});
    expect((await following.result).stderr).not.toContain('defect');
    running.kill('SIGINT');
    await running.result;
  });

  it('says what to do for a stage that has none', async () => {
    await project.ampoule(['plan']);

    const {code, stdout, stderr} = await project.ampoule(['log', 'zlib']);

    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/ has no log of "zlib"\.\nNext: ampoule build\n$/);
  });
});
