import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';
import {projectFiles} from '../../../src/builder/project-files.js';
import {projectFolder} from '../../../src/builder/project-folder.js';
import {sha256} from '../../../src/core/digest.js';
import type {Project} from '../../../src/stages/project.js';

let over = '';
beforeEach(() => {
  over = mkdtempSync(path.join(tmpdir(), 'ampoule-overlay-'));
  put('overlay.yaml', 'name: acme\n');
});
afterEach(() => rmSync(over, {recursive: true}));

function put(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(over, file)), {recursive: true});
  writeFileSync(path.join(over, file), text);
}

const load = (...overlays: readonly string[]): Promise<Project> =>
  loadProject(projectFolder, [over, ...overlays]);

const recipeOf = (project: Project, name: string) => project.recipes.get(name)?.recipe;

describe('an overlay', () => {
  it('changes what it names, and nothing else', async () => {
    put('recipes/xz/recipe.yaml', 'replace: {version: "5.8.1", source: {suite: trixie}}\n');
    put('recipes/sqlite/recipe.yaml', 'append: {build: {cflags: [-DOURS]}}\n');
    put('targets/x86_64-unknown-linux-gnu.yaml', 'append: {cflags: -march=x86-64-v3}\n');
    put('static-modules/ours.yaml', '_dbm: {linkage: disabled, reason: its licence}\n');

    const [base, project] = [await loadProject(), await load()];

    expect(recipeOf(project, 'xz')).toMatchObject({
      pins: {
        debian: {
          version: '5.8.1',
          debian: {poolPath: 'pool/main/x/xz-utils/xz-utils_5.8.1.orig.tar.xz', suite: 'trixie'},
          sha256: recipeOf(base, 'xz')?.pins.debian.sha256,
        },
      },
    });
    const cflags = (from: Project) => JSON.stringify(recipeOf(from, 'sqlite')?.build);
    expect(cflags(project)).toContain('-DSQLITE_ENABLE_RTREE');
    expect(cflags(project)).toContain('-DOURS');
    expect(project.targets.get('x86_64-unknown-linux-gnu')?.cflags).toEqual([
      ...(base.targets.get('x86_64-unknown-linux-gnu')?.cflags ?? []),
      '-march=x86-64-v3',
    ]);
    expect(project.overlays[0]?.modules).toEqual(['_dbm']);
    const linkage = ({moduleDefinitions}: Project) =>
      moduleDefinitions.map(({name, variants}) => [name, variants.map((one) => one.linkage)]);
    expect(linkage(project)).toEqual(
      linkage(base).map(([name, were]) => [name, name === '_dbm' ? ['disabled'] : were]),
    );
    for (const name of base.recipes.keys()) {
      if (name !== 'xz' && name !== 'sqlite') {
        expect(project.recipes.get(name)).toEqual(base.recipes.get(name));
      }
    }
  });

  it.each([
    ['static-modules/ours.yml', 'is not read: its name must end in ".yaml"'],
    ['recipes/xz/recipe.yml', 'is not read: its name must end in ".yaml"'],
    ['recipes/xz.yaml', 'is not read: a recipe is recipes/xz/recipe.yaml'],
    ['recipes', 'is no folder'],
  ])('is refused where nothing reads %s', async (file, message) => {
    put(file, 'append: {build: {cflags: [-DOURS]}}\n');

    await expect(load()).rejects.toThrow(`${over}/${file}: ${message}`);
  });

  it.each(['recipes/xz', 'recipes/xz/recipe.yaml'])(
    'is refused with a link as %s, whose bytes the digest would not have',
    async (file) => {
      put('README/recipe.yaml', 'append: {build: {cflags: [-DOURS]}}\n');
      mkdirSync(path.dirname(path.join(over, file)), {recursive: true});
      symlinkSync(path.join(over, 'README', path.basename(file)), path.join(over, file));

      await expect(load()).rejects.toThrow(`${over}/${file}: is neither a file nor a folder`);
    },
  );

  it('is refused with a file that is no text, whose bytes would change', async () => {
    put('recipes/xz/ours.der', '');
    writeFileSync(path.join(over, 'recipes/xz/ours.der'), Buffer.from([0x30, 0xff]));

    await expect(load()).rejects.toThrow(`${over}/recipes/xz/ours.der: is no text in UTF-8.`);
  });

  it('is named in mistakes of its targets', async () => {
    put('targets/riscv64-unknown-linux-gnu.yaml', 'triple: riscv64-unknown-linux-gnu\n');

    await expect(load()).rejects.toThrow(`${over}/targets/riscv64-unknown-linux-gnu.yaml:1:1: `);
  });

  it('is told from the project also as the working directory', async () => {
    const files = projectFiles([projectFolder, '.']);

    expect((await files.layersOf('package.json')).at(-1)?.file).toBe('./package.json');
  });

  it('adds recipes, and files beside those of the project', async () => {
    put('recipes/ours/recipe.yaml', 'name: ours\nversion: "1"\n');
    await expect(load()).rejects.toThrow(
      `${over}/recipes/ours/recipe.yaml:1:1: the file lacks the key "license"`,
    );

    rmSync(path.join(over, 'recipes'), {recursive: true});
    put(
      'recipes/cpython/recipe.yaml',
      'append: {patches: 0100-ours.patch, build: {install: ours.sh}}\n',
    );
    put('recipes/cpython/ours.sh', 'true\n');
    put('recipes/cpython/0100-ours.patch', 'Ours\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n');
    const cpython = (await load()).recipes.get('cpython');
    expect(cpython?.files['ours.sh']).toBe('true\n');
    expect(cpython?.files['install.sh']).toContain('copy_build_tree');
    expect([...(cpython?.patches.keys() ?? [])].at(-1)).toBe('0100-ours.patch');
    expect(cpython?.recipe.patches.at(-1)).toEqual({when: {}, values: ['0100-ours.patch']});
  });

  it('takes the place of a whole recipe, and lies below later overlays', async () => {
    const top = path.join(over, '../', `${path.basename(over)}-top`);
    mkdirSync(path.join(top, 'licenses/own'), {recursive: true});
    writeFileSync(path.join(top, 'overlay.yaml'), 'name: top\ndescription: The last.\n');
    writeFileSync(path.join(top, 'licenses/own/LICENSE'), 'top');
    put('licenses/own/LICENSE', 'over');
    cpSync('recipes/zlib', path.join(over, 'recipes/zlib'), {recursive: true});
    const zlib = readFileSync('recipes/zlib/recipe.yaml', 'utf8');
    put(
      'recipes/zlib/recipe.yaml',
      zlib.replace('spdx: Zlib', 'spdx: MIT').replace(/^patches: .*\n/m, ''),
    );

    const project = await load(top);

    expect(recipeOf(project, 'zlib')).toMatchObject({license: {spdx: 'MIT'}, patches: []});
    expect(project.licenseTexts['own/LICENSE']).toBe('top');
    expect(project.overlays).toEqual([
      {name: 'acme', sha256: expect.stringMatching(/^[0-9a-f]{64}$/), modules: []},
      {name: 'top', description: 'The last.', sha256: expect.any(String), modules: []},
    ]);
    rmSync(top, {recursive: true});
  });

  it('has the digest of the names and bytes of its files', async () => {
    put('README.md', 'not part of it\n');
    put('licenses/own/LICENSE', 'text');
    const line = (text: string, name: string) => `${sha256(text)}  ${name}\n`;

    expect((await load()).overlays[0]?.sha256).toBe(
      sha256(line('name: acme\n', 'overlay.yaml') + line('text', 'licenses/own/LICENSE')),
    );
  });

  it.each<[string, () => void, string]>([
    [
      'no name',
      () => rmSync(path.join(over, 'overlay.yaml')),
      ' has no overlay.yaml. Expected a file with a name: "name: acme".',
    ],
    [
      'a foreign name',
      () => put('overlay.yaml', 'name: a-b\n'),
      '/overlay.yaml:1:7: "name" must be a name of at most 32 lower-case letters and digits, other than tree, not "a-b"',
    ],
    [
      "the name of developers' trees",
      () => put('overlay.yaml', 'name: tree\n'),
      'other than tree, not "tree"',
    ],
    [
      'a folder that it cannot have',
      () => put('docker/build/image.yaml', ''),
      ' has docker. Expected recipes, static-modules, targets, licenses, profiles.',
    ],
    [
      'a mistyped folder',
      () => put('recipe/zlib/recipe.yaml', ''),
      ' has recipe. Expected recipes, static-modules, targets, licenses, profiles. Did you mean recipes?',
    ],
    [
      'a change of nothing',
      () => put('recipes/zlip/recipe.yaml', 'append: {patches: []}\n'),
      '/recipes/zlip/recipe.yaml:1:1: the file lacks the key "name"',
    ],
    [
      'a mistake in a change',
      () => put('recipes/xz/recipe.yaml', 'append: {patches: [ours]}\n'),
      '/recipes/xz/recipe.yaml:1:20: "patches" must be a patch file named NNNN-why.patch, not "ours"',
    ],
    [
      'no key that is needed',
      () => put('recipes/zlib/recipe.yaml', 'replace:\n  license: ~\n'),
      '/recipes/zlib/recipe.yaml:2:3: the file lacks the key "license"',
    ],
    [
      'a patch that is not there',
      () => put('recipes/xz/recipe.yaml', 'append: {patches: [0100-ours.patch]}\n'),
      '/recipes/xz/recipe.yaml:1:20: 0100-ours.patch does not lie beside the recipe.',
    ],
    [
      'a mistake in a patch',
      () =>
        put(
          'recipes/zlib/0001-keep-no-input-of-a-stalled-gzwrite.patch',
          'When: {python: "three"}\n',
        ),
      '/recipes/zlib/0001-keep-no-input-of-a-stalled-gzwrite.patch:1:16: "python" must be a semver range',
    ],
    [
      'a library that nobody has',
      () => put('static-modules/ours.yaml', '_dbm: {libraries: {gdmb: [gdbm]}}\n'),
      '/static-modules/ours.yaml:1:20: unknown recipe "gdmb"',
    ],
  ])('with %s is refused, with the place', async (_title, spoil, message) => {
    spoil();
    await expect(load()).rejects.toThrow(message);
  });

  it('is not laid over itself, and must exist', async () => {
    await expect(load(over)).rejects.toThrow(
      `${over}/overlay.yaml: "name" is acme, which an earlier overlay has: each needs its own`,
    );
    await expect(load('/nonexistent/over')).rejects.toThrow(
      '--overlay: there is no folder /nonexistent/over',
    );
  });
});
