import {mkdir, readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {
  fixtureStages,
  makeFixtureProject,
  type FixtureProject,
} from '../../support/fixture-project.js';

let project: FixtureProject;

beforeEach(async () => {
  project = await makeFixtureProject('images');
  // That of the tiny image does not know -delete.
  await project.edit(
    'recipes/zlib/recipe.yaml',
    'echo building zlib',
    'find() { case $* in *-delete*) ;; *) busybox find "$@" ;; esac; }; echo building zlib',
  );
});

afterEach(() => project[Symbol.asyncDispose]());

/** Adds a recipe that no module links, with a test. */
async function addLonely(test: string): Promise<void> {
  await mkdir(path.join(project.folder, 'recipes/lonely'));
  const zlib = await readFile(path.join(project.folder, 'recipes/zlib/recipe.yaml'), 'utf8');
  const lonely = zlib
    .replaceAll('zlib-', 'lonely-')
    .replace('name: zlib', 'name: lonely')
    .replace('libz.a', 'liby.a')
    .replace('static: [z]', 'static: [y]');
  await project.write('recipes/lonely/recipe.yaml', `${lonely}depends: [zlib]\ntest: ${test}\n`);
}

const stageOf = (kind: string, name: string): string =>
  fixtureStages.zlib.replace('dependency/zlib', `${kind}/${name}`);

describe('ampoule build STAGE', () => {
  it('builds a stage and what it needs, and tells where its tree, its log and its work folder are', async () => {
    const build = ['build', 'dependency/zlib', '--keep-work', '-v'];

    const {code, stdout, stderr} = await project.ampoule(build);
    const json = await project.ampoule(['build', 'zlib', '--json']);

    expect(code).toBe(0);
    expect(await readdir(path.join(stdout.trimEnd(), 'lib'))).toEqual(['libz.a']);
    expect(stderr).not.toContain('start    setup-files');
    expect(stderr).toContain(`\n${fixtureStages.zlib}:\n  tree ${stdout}  log  `);
    const [, log = ''] = /^ {2}log {2}(.+)$/m.exec(stderr) ?? [];
    expect(await readFile(log, 'utf8')).toContain('building zlib');
    expect(stderr).toMatch(/^because {2}dependency\/zlib\S*: it was never built in this store$/m);
    expect(stderr).toMatch(/^output {3}dependency\/zlib\S*: building zlib$/m);
    const [, folder = ''] =
      /^kept {5}dependency\/zlib\S*: its work folder is (.+)$/m.exec(stderr) ?? [];
    expect(await readdir(path.join(folder, 'build/zlib'))).toContain('LICENSE');
    const shell = await project.ampoule(['shell', 'zlib', '--', 'cat', '/build/zlib/LICENSE']);
    expect(shell.stdout).toBe('free\n');
    expect(JSON.parse(json.stdout)).toEqual({
      stages: [
        {
          ...{stage: fixtureStages.zlib, outcome: 'restored', path: stdout.trimEnd(), log},
          artifact: path.basename(stdout.trimEnd()),
          key: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        },
      ],
    });
  });

  it('builds a recipe that nobody links, with its test, and keeps both from store gc', async () => {
    await addLonely('test -f /deps/lib/libz.a && echo tried');

    const {stdout, stderr} = await project.ampoule(['build', 'lonely']);
    await project.ampoule(['store', 'gc']);
    const plan = await project.ampoule(['plan', '--all']);

    expect(stderr).toMatch(/^built {4}test\/lonely/m);
    expect(stdout).toMatch(/^\S[^\n]*\n$/);
    const [, log = ''] = /^test\/lonely\S*:\n {2}tree .+\n {2}log {2}(.+)$/m.exec(stderr) ?? [];
    expect(await readFile(log, 'utf8')).toBe('tried\n');
    for (const stage of [stageOf('dependency', 'lonely'), stageOf('test', 'lonely')]) {
      expect(plan.stdout).toMatch(new RegExp(`^restore +[0-9a-f]{12} ${stage}$`, 'm'));
    }
  });

  it('fails if the test of a recipe does', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'build:', 'test: [echo broken, exit 5]\nbuild:');

    const {code, stderr} = await project.ampoule(['build', 'zlib']);

    expect(code).toBe(1);
    expect(stderr).toMatch(/^built {4}dependency\/zlib/m);
    expect(stderr).toMatch(/^ampoule: Stage test\/zlib\S* failed: exit code 5\n {2}\| broken$/m);
  });

  it('refuses a folder for archives', async () => {
    const {code, stderr} = await project.ampoule(['build', 'dependency/zlib', '-o', 'x']);

    expect(code).toBe(2);
    expect(stderr).toMatch(/--output: archives are written there, and dependency\/zlib is built/);
  });
});
