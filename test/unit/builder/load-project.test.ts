import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ampoule-project-'));
  for (const name of ['docker', 'static-modules', 'recipes', 'licenses']) {
    cpSync(name, path.join(folder, name), {recursive: true});
  }
});
afterEach(() => rmSync(folder, {recursive: true}));

function edit(file: string, from: string, to: string): void {
  const text = readFileSync(path.join(folder, file), 'utf8');
  expect(text).toContain(from);
  writeFileSync(path.join(folder, file), text.replace(from, to));
}

describe('loadProject', () => {
  it('reports files that a recipe names and that are not there', async () => {
    edit('recipes/cpython/recipe.yaml', '    - make.sh', '    - compile.sh');
    rmSync(path.join(folder, 'recipes/cpython/0004-python-config-links-and-spaces.patch'));

    await expect(loadProject(folder)).rejects.toThrow(
      /^recipes\/cpython\/recipe\.yaml:\d+:\d+: 0004-python-config-links-and-spaces\.patch does not lie beside the recipe\.\nrecipes\/cpython\/recipe\.yaml:\d+:\d+: compile\.sh does not lie beside the recipe\.$/,
    );
  });

  it('reports a patch that is not there at its place', async () => {
    edit('recipes/zlib/recipe.yaml', 'patches: [', 'patches: [0001-nothing.patch, ');

    await expect(loadProject(folder)).rejects.toThrow(
      /^recipes\/zlib\/recipe\.yaml:\d+:11: 0001-nothing\.patch does not lie beside the recipe\.$/,
    );
  });

  it('reports a licence text that is not there, and one with other bytes', async () => {
    const text = path.join(folder, 'licenses/sqlite/LICENSE.md');
    const place = 'recipes/sqlite/recipe.yaml:24:40: ';
    writeFileSync(text, 'changed');
    await expect(loadProject(folder)).rejects.toThrow(
      new RegExp(
        `${place}licenses/sqlite/LICENSE.md: expected sha256 ee6af510\\w+, found \\w{64}$`,
      ),
    );

    rmSync(text);
    await expect(loadProject(folder)).rejects.toThrow(
      `${place}licenses/sqlite/LICENSE.md is not there`,
    );
  });

  it('reports a mistyped dependency at its place, with the nearest name', async () => {
    edit('recipes/zlib/recipe.yaml', 'provides:', 'depends: [bzip]\nprovides:');

    await expect(loadProject(folder)).rejects.toThrow(
      /^recipes\/zlib\/recipe\.yaml:\d+:11: unknown recipe "bzip"\. Did you mean bzip2\?$/,
    );
  });

  it('reports a mistyped library of a module in its own file', async () => {
    edit('static-modules/foreign.yaml', 'libraries: {libffi: [ffi]', 'libraries: {libfi: [ffi]');

    await expect(loadProject(folder)).rejects.toThrow(
      /^static-modules\/foreign\.yaml:14:17: unknown recipe "libfi"\. Did you mean libffi\?$/,
    );
  });

  it('reports a cycle of recipes once, whoever starts it', async () => {
    edit('recipes/zlib/recipe.yaml', 'provides:', 'depends: [xz]\nprovides:');
    edit('recipes/xz/recipe.yaml', 'provides:', 'depends: [zstd]\nprovides:');
    edit('recipes/zstd/recipe.yaml', 'provides:', 'depends: [zlib]\nprovides:');

    await expect(loadProject(folder)).rejects.toThrow(
      /^recipes\/zlib\/recipe\.yaml:\d+:11: cyclic dependency: xz -> zstd -> zlib -> xz$/,
    );
  });

  it('reports a mistake in a patch at its place', async () => {
    const patch = 'recipes/cpython/0002-sysconfig-relocate-build-time-variables.patch';
    edit(patch, 'When: {python: "<3.13"}', 'When: {python: "three"}');

    await expect(loadProject(folder)).rejects.toThrow(
      `${patch}:56:16: "python" must be a semver range such as ">=3.13", not "three"`,
    );
  });

  it.each([['zz-docs'], ['zlib-ng'], ['a/zlib']])(
    'refuses a recipe in the folder %s that has the name of another, in an overlay too',
    async (name) => {
      const over = path.join(folder, 'over');
      const zlib = readFileSync(path.join(folder, 'recipes/zlib/recipe.yaml'), 'utf8');
      for (const layer of [over, folder]) {
        const own = path.join(layer, 'recipes', name);
        mkdirSync(own, {recursive: true});
        writeFileSync(path.join(own, 'recipe.yaml'), zlib);
        writeFileSync(path.join(over, 'overlay.yaml'), 'name: over\n');

        await expect(loadProject(folder, layer === over ? [over] : [])).rejects.toThrow(
          `recipes/${name}/recipe.yaml:2:7: "name" is zlib, expected the folder's name ${name}`,
        );
        rmSync(own, {recursive: true});
      }
    },
  );
});
