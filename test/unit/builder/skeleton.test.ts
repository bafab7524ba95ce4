import {describe, expect, it} from 'vitest';
import {skeletonOf} from '../../../src/builder/recipe-edit/skeleton.js';
import {placesOfText} from '../../../src/data/yaml-file.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';

const file = {sha256: 'a'.repeat(64), sizeBytes: 12, date: '2031-02-03'};
const url = 'https://foo.example/foo-{version}.tar.gz';
const debian = {path: 'pool/main/f/foo/foo_{version}.orig.tar.gz', suite: 'trixie'};

/** The text of a new recipe, and how many places are left to do. */
function make(
  pins: Parameters<typeof skeletonOf>[0]['pins'],
  ...topFiles: readonly string[]
): {readonly text: string; readonly toDo: number} {
  const text = skeletonOf({name: 'foo', version: '1.10', pins, topFiles});
  return {text, toDo: placesOfText({file: 'x', text}, 'TODO').length};
}

/** What a person writes. */
const finish = (text: string): string =>
  text
    .replace('spdx: TODO', 'spdx: MIT')
    .replace('static: [TODO]', 'static: [foo]')
    .replace('not-in-debian: TODO', 'not-in-debian: it is too new')
    .replaceAll('sha256: TODO', `sha256: ${file.sha256}`)
    .replaceAll('size: TODO', 'size: 1')
    .replaceAll('date: TODO', 'date: 2031-01-01')
    .replaceAll(': TODO', ': make all');

describe('the text of a new recipe', () => {
  it('is valid when what it leaves to do is done, whatever could be read', () => {
    const made = [
      make({kind: 'same', both: {url, debian, file, isUnverified: true}}, 'configure', 'COPYING'),
      make({kind: 'separate', upstream: {url}, debian: {debian, file}}, 'LICENSE.txt'),
      make({kind: 'separate', upstream: {url, file}, debian: {debian}}, 'configure', 'LICENSE'),
      make({kind: 'not-in-debian', upstream: {url, file}}, 'LICENCE'),
    ];

    expect(made.map(({toDo}) => toDo)).toEqual([2, 7, 5, 5]);
    for (const {text} of made) {
      const recipe = parseRecipe(finish(text), 'recipe.yaml');
      expect(recipe, text).toMatchObject({ok: true, value: {name: 'foo'}});
    }
  });

  it('names licence files that YAML takes for nothing else', () => {
    const names = ['COPYING], x: [y', 'COPYING.LESSER', 'LICENSE #1', 'copying', 'README'];

    const {text} = make({kind: 'same', both: {url, debian, file}}, ...names);

    expect(text).toContain('files: [COPYING.LESSER, copying]}\n');
  });
});
