import {describe, expect, it} from 'vitest';
import {valueOrThrow} from '../../../src/core/errors.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';
import {selectSource} from '../../../src/recipe/select-source.js';

const digest = 'ab'.repeat(32);
const pin = (version: string, location: string): string =>
  `{version: "${version}", ${location}, sha256: ${digest}, size: 7, date: 2026-02-17}`;
const debian = 'debian: pool/main/f/foo/foo_1.orig.tar.gz, suite: trixie';
const url = 'url: [https://example.org/foo-1.tar.gz, https://example.net/foo-1.tar.gz]';
const recipeWith = (sources: string) =>
  valueOrThrow(
    parseRecipe(`name: foo\n${sources}\nlicense: {spdx: MIT, files: [COPYING]}\n`, 'recipe.yaml'),
  );

describe('selectSource', () => {
  it('takes the version and the location of the source set', () => {
    const recipe = recipeWith(`sources: {upstream: ${pin('2', url)}, debian: ${pin('1', debian)}}`);

    expect(selectSource(recipe, 'debian')).toEqual({
      source: {
        fileName: 'foo_1.orig.tar.gz',
        sha256: digest,
        sizeBytes: 7,
        locations: [
          {kind: 'debian', poolPath: 'pool/main/f/foo/foo_1.orig.tar.gz', suite: 'trixie'},
        ],
      },
      version: '1',
      date: '2026-02-17',
      sourceDateEpoch: 1771286400,
    });
    expect(selectSource(recipe, 'upstream').version).toBe('2');
  });

  it('names shared bytes alike in both sets, and tries the set of its own first', () => {
    const recipe = recipeWith(`source: ${pin('1', `${url}, ${debian}`)}`);

    const [upstream, fromDebian] = [
      selectSource(recipe, 'upstream').source,
      selectSource(recipe, 'debian').source,
    ];

    expect(upstream.fileName).toBe('foo-1.tar.gz');
    expect(fromDebian.fileName).toBe('foo-1.tar.gz');
    expect(upstream.locations.map(({kind}) => kind)).toEqual(['url', 'url', 'debian']);
    expect(fromDebian.locations.map(({kind}) => kind)).toEqual(['debian', 'url', 'url']);
  });
});
