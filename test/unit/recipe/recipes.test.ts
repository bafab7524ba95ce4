import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {formatDiagnostic} from '../../../src/core/errors.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';
import type {Recipe} from '../../../src/recipe/recipe.js';

const howTo = 'see CONTRIBUTING.md, "How to add a recipe"';

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

  it('fits on one screen, but for its sources', () => {
    const lines = text.slice(text.indexOf('\nlicense:')).split('\n');

    expect(lines.length, howTo).toBeLessThanOrEqual(60);
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
    if (recipe?.build === undefined) return;

    expect(recipe.provides.static.length, howTo).toBeGreaterThan(0);
  });
});
