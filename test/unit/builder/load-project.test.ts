import {cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {loadProject} from '../../../src/builder/load-project.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ampoule-project-'));
  for (const name of ['docker', 'static-modules', 'recipes/cpython', 'recipes/zlib']) {
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
    edit('recipes/cpython/recipe.yaml', 'make: make.sh', 'make: compile.sh');
    rmSync(path.join(folder, 'recipes/cpython/0004-python-config-links-and-spaces.patch'));

    await expect(loadProject(folder)).rejects.toThrow(
      'recipes/cpython/recipe.yaml: 0004-python-config-links-and-spaces.patch does not lie beside the recipe\n' +
        'recipes/cpython/recipe.yaml: compile.sh does not lie beside the recipe',
    );
  });

  it('reports a mistake in a patch at its place', async () => {
    const patch = 'recipes/cpython/0002-sysconfig-relocate-build-time-variables.patch';
    edit(patch, 'When: {python: "<3.14"}', 'When: {python: "three"}');

    await expect(loadProject(folder)).rejects.toThrow(
      `${patch}:55:16: "python" must be a semver range such as ">=3.13", not "three"`,
    );
  });
});
