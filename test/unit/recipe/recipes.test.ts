import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {formatDiagnostic} from '../../../src/core/errors.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';
import {parsePatch} from '../../../src/recipe/patch-sections.js';
import {unverifiedPins} from '../../../src/recipe/unverified-pins.js';
import type {Recipe, SourcePin} from '../../../src/recipe/recipe.js';

const howTo = 'see CONTRIBUTING.md, "How to add a recipe"';

const listedPatches = readFileSync('docs/dependency-patches.md', 'utf8');

const folders = readdirSync('recipes').filter((name) =>
  existsSync(path.join('recipes', name, 'recipe.yaml')),
);
const recipes = folders.map((folder) => {
  const file = `recipes/${folder}/recipe.yaml`;
  const text = readFileSync(file, 'utf8');
  return {folder, text, parsed: parseRecipe(text, file)};
});
const parsed: readonly Recipe[] = recipes.flatMap((entry) =>
  entry.parsed.ok ? [entry.parsed.value] : [],
);
const names = new Set(parsed.map(({name}) => name));

describe.each(recipes)('recipes/$folder', ({folder, text, parsed: result}) => {
  it('is a recipe without a mistake', () => {
    const mistakes = result.ok ? [] : result.diagnostics.map(formatDiagnostic);

    expect(mistakes, howTo).toEqual([]);
  });

  const recipe = result.ok ? result.value : undefined;

  it('lies in the folder of its name', () => {
    expect(recipe?.name, howTo).toBe(folder);
  });

  it('fits on one screen, but for its sources; an interpreter on two', () => {
    const lines = text.slice(text.indexOf('\nlicense:')).split('\n');

    const screens = recipe?.build?.system === 'hooks' ? 2 : 1;
    expect(lines.length, howTo).toBeLessThanOrEqual(60 * screens);
  });

  it('applies every patch that lies beside it, each with the state of things upstream', () => {
    const beside = readdirSync(path.join('recipes', folder)).filter((file) =>
      file.endsWith('.patch'),
    );
    const named = recipe?.patches.flatMap(({values}) => values) ?? [];

    expect([...new Set(named)].sort(), howTo).toEqual(beside.sort());
    for (const file of beside) {
      const patch = readFileSync(path.join('recipes', folder, file), 'utf8');
      expect(patch, `${folder}/${file}: no "Upstream:" line; ${howTo}`).toMatch(/^Upstream: \S/m);
      expect(parsePatch(patch, `${folder}/${file}`), howTo).toMatchObject({ok: true});
      for (const [, number = ''] of patch.matchAll(/CVE-\d{4}(-\d+)/g)) {
        expect(listedPatches, `${folder}/${file}; ${howTo}`).toContain(number);
      }
    }
  });

  it('writes each version once', () => {
    const lines = text.split('\n').map((line) => line.replace(/#.*/, ''));
    for (const {version} of recipe?.versions.flatMap(Object.values<SourcePin>) ?? []) {
      const places = lines.filter((line) => line.includes(version) && !line.includes('"'));
      expect(places, `{version} stands for ${version}; ${howTo}`).toEqual([]);
    }
  });

  it('has its licence texts, byte for byte', () => {
    const texts = recipe?.license.texts.flatMap(({values}) => values) ?? [];
    const folderOfTexts = path.join('licenses', folder);
    const beside = existsSync(folderOfTexts) ? readdirSync(folderOfTexts) : [];

    expect(texts.map(({file}) => file).sort(), howTo).toEqual(beside.sort());
    for (const {file, sha256: wanted} of texts) {
      expect(sha256(readFileSync(path.join(folderOfTexts, file))), `${file}: ${howTo}`).toBe(
        wanted,
      );
    }
  });

  it('depends on recipes that exist', () => {
    const depends = recipe?.depends.flatMap(({values}) => values) ?? [];

    expect(
      depends.filter((name) => !names.has(name)),
      howTo,
    ).toEqual([]);
  });

  it('names the library it provides, when it builds one', () => {
    if (recipe?.build === undefined || recipe.build.system === 'hooks') return;

    expect(recipe.provides.static.length, howTo).toBeGreaterThan(0);
  });
});

describe('the pins of all recipes', () => {
  // Taking an entry away is the aim: download the file, compare its digest, remove `unverified`.
  it('are as somebody read them, but for these', () => {
    const found = parsed.flatMap((recipe) => unverifiedPins(recipe));

    expect(found.map(({name, version}) => `${name} ${version}`)).toEqual([
      'bdb 6.0.19',
      'binutils 2.44',
      'cpython 3.11.16',
      'cpython 3.12.14',
      'cpython 3.15.2',
      'expat 2.8.3',
      'gcc 14.2.0',
      'libffi 3.4.8',
      'llvm 22.1.8',
      'ncurses 6.5',
      'sqlite 3.53.4',
      'zlib 1.3.2',
      'zstd 1.5.7',
    ]);
  });
});
