import {describe, expect, it} from 'vitest';
import {formatDiagnostic} from '../../../src/core/errors.js';
import {parseRecipe} from '../../../src/recipe/parse-recipe.js';

const digest = '0123456789abcdef'.repeat(4);
const source = `source:
  version: "1.10"
  url: https://example.org/libfoo-1.10.tar.xz
  sha256: ${digest}
  size: 123456
  date: 2026-01-31
`;
const valid = `name: libfoo
${source}license: {spdx: MIT, files: [COPYING]}
`;

function mistakesOf(text: string): readonly string[] {
  const result = parseRecipe(text, 'recipe.yaml');
  return result.ok ? [] : result.diagnostics.map(formatDiagnostic);
}

describe('parseRecipe', () => {
  it('gives both source sets the pin of a `source:` block', () => {
    const result = parseRecipe(valid, 'recipe.yaml');

    expect(result).toMatchObject({
      ok: true,
      value: {name: 'libfoo', pins: {upstream: {version: '1.10'}, debian: {version: '1.10'}}},
    });
  });

  it.each([
    ['an unquoted version', '"1.10"', '1.10', '3:12: "version" must be a version in quotes'],
    [
      'a plain version that stays a text',
      '"1.10"',
      '1.10.1',
      '3:12: "version" must be in quotes: YAML reads 3.10 as the number 3.1',
    ],
    [
      'a short sha256',
      digest,
      digest.slice(1),
      `5:11: "sha256" must be a sha256: 64 lower-case hex digits, not "${digest.slice(1)}"`,
    ],
    [
      'an upper-case sha256',
      digest,
      digest.toUpperCase(),
      `5:11: "sha256" must be a sha256: 64 lower-case hex digits, not "${digest.toUpperCase()}"`,
    ],
    ['a size of nothing', 'size: 123456', 'size: 0', '6:9: "size" must be a whole number above 0'],
    ['a day that is none', '2026-01-31', '2026-02-30', '7:9: invalid date 2026-02-30'],
    [
      'plain http',
      'https:',
      'http:',
      '4:8: "url" must be an https URL of a file, not "http://example.org/libfoo-1.10.tar.xz"',
    ],
    [
      'an unknown key, with those that are known',
      'size: 123456',
      'size: 123456\n  sizes: 1',
      '7:3: unknown key "sizes" in "source"; known: version, url, debian, suite, sha256, size, date, directory, unverified',
    ],
    [
      'an unknown key of the recipe',
      'license:',
      'licence: MIT\nlicense:',
      '8:1: unknown key "licence" in the file; known: name, version, source, sources, versions, license, depends, provides, patches, build, test',
    ],
    [
      'a test of what is no library',
      'name: libfoo',
      'test: [./try]\nname: libfoo',
      '1:7: "test" is for libraries: expected a "build" of the system autotools or script',
    ],
    [
      'no licence text',
      'files: [COPYING]',
      'files: []',
      '8:29: "license" names no text: list "files" of the source, or "texts"',
    ],
    [
      'a licence file outside the source',
      'COPYING',
      '../COPYING',
      '8:30: "files" must be a relative path without "..", not "../COPYING"',
    ],
    [
      'a missing key',
      'name: libfoo\n',
      '',
      '1:1: the file lacks the key "name": a name of lower-case letters, digits, ".", "+" and "-"',
    ],
    [
      'a key that is there twice',
      'name: libfoo\n',
      'name: a\nname: b\n',
      '2:1: the key "name" is here twice',
    ],
    [
      'a text that is no YAML',
      'name: libfoo',
      'name: [libfoo',
      '2:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ])('reports %s', (_title, from, to, wanted) => {
    expect(mistakesOf(valid.replace(from, to))).toContain(`recipe.yaml:${wanted}`);
  });

  it.each([
    [
      'build: {system: cmake}',
      '9:17: "system" must be one of autotools, script, hooks, not "cmake"',
    ],
    [
      'build: {system: script, make: make}',
      '9:8: "build" lacks the key "install": shell lines, as the system is script',
    ],
    [
      'patches: [fix.patch]',
      '9:11: "patches" must be a patch file named NNNN-why.patch, not "fix.patch"',
    ],
    [
      'depends: [{name: zlib, when: {pyton: ">=3"}}]',
      '9:31: unknown key "pyton" in "when"; known: python, target, sources, options',
    ],
    [
      'depends: [{name: zlib, when: {python: "three"}}]',
      '9:39: "python" must be a semver range such as ">=3.13", not "three"',
    ],
    [
      'depends: [{name: zlib, when: {sources: fedora}}]',
      '9:40: "sources" must be one of upstream, debian, not "fedora"',
    ],
    [
      'build: {system: autotools, expect: [{config.h: {HAVE_X: 1}}]}',
      '9:57: "HAVE_X" must be the answer wanted, or null for none in quotes',
    ],
    [
      'depends: [{recipe: zlib, when: {python: ">=3.14"}}]',
      '9:11: an entry of "depends" lacks the key "name": a name of lower-case letters, digits, ".", "+" and "-"',
    ],
    [
      'build: {system: hooks, make: make.sh}',
      '9:8: "build" lacks the key "install": a script, as the system is hooks',
    ],
    [
      'build: {system: hooks, make: ../make.sh, install: install.sh}',
      '9:30: "make" must be a file beside the recipe, not "../make.sh"',
    ],
    ['provides: [z]', '9:11: "provides" must be a map'],
    ['sources: {upstream: {}}', '3:3: a recipe has "source" or "sources", not both'],
  ])('reports %s', (line, wanted) => {
    expect(mistakesOf(`${valid}${line}\n`)).toContain(`recipe.yaml:${wanted}`);
  });

  it('wants both source sets pinned', () => {
    const text = valid.replace(source, source.replace('source:', 'sources:\n upstream:'));

    expect(mistakesOf(text)).toEqual([
      'recipe.yaml:3:2: "sources" lacks the key "debian": every source set is pinned',
    ]);
  });

  it.each([
    [
      `  sha256: ${digest}\n`,
      'recipe.yaml:3:3: "source" lacks the key "sha256": the sha256 of the download',
    ],
    ['  version: "1.10"\n', 'recipe.yaml:3:3: "source" lacks the key "version": a version'],
    [
      '  date: 2026-01-31\n',
      'recipe.yaml:3:3: "source" lacks the key "date": the day of the newest file in it',
    ],
    [
      source,
      'recipe.yaml:1:1: the recipe lacks "source" (same bytes everywhere) or "sources" with "upstream" and "debian"',
    ],
  ])('misses %j', (line, wanted) => {
    expect(mistakesOf(valid.replace(line, ''))).toEqual([wanted]);
  });

  it('fills the version into addresses', () => {
    const text = valid
      .replace('  version: "1.10"\n', '')
      .replace('name: libfoo', 'name: libfoo\nversion: "1.10"')
      .replace('libfoo-1.10', '{major}/libfoo-{version}')
      .replace('  sha256', '  debian: pool/main/f_{version}.tar\n  suite: sid\n  sha256');

    expect(parseRecipe(text, 'recipe.yaml')).toMatchObject({
      ok: true,
      value: {
        pins: {
          upstream: {
            version: '1.10',
            urls: ['https://example.org/1/libfoo-1.10.tar.xz'],
            debian: {poolPath: 'pool/main/f_1.10.tar', suite: 'sid'},
          },
        },
      },
    });
    expect(mistakesOf(text.replace('{major}', '{patch}'))).toEqual([
      'recipe.yaml:4:8: https://example.org/{patch}/libfoo-{version}.tar.xz names a part that 1.10 does not have; ' +
        'known: {version}, {release}, {debian-version}, {major}, {minor}, {patch}',
    ]);
  });

  describe('of several versions', () => {
    const pin = (version: string): string =>
      `version: "${version}", sha256: ${digest}, size: 1, date: 2026-01-31`;
    const several = (...entries: readonly string[]): string =>
      valid.replace(
        source,
        `source: {url: "https://example.org/{version}.tar", debian: "pool/main/{version}.tar", suite: sid}
versions:
${entries.map((entry) => `  - {${entry}}\n`).join('')}`,
      );

    it('reads what they have in common from `source:`', () => {
      const own = `version: "3.15.0rc1", sources: {
        upstream: {sha256: ${digest}, size: 1, date: 2026-01-31, unverified: true},
        debian: {sha256: ${digest}, size: 2, date: 2026-01-31, suite: forky}}`;

      const result = parseRecipe(several(pin('3.14.7'), own), 'recipe.yaml');

      const shared = {version: '3.14.7', urls: ['https://example.org/3.14.7.tar']};
      expect(result).toMatchObject({
        ok: true,
        value: {
          pins: {upstream: shared, debian: shared},
          versions: [
            {upstream: {...shared, debian: {poolPath: 'pool/main/3.14.7.tar', suite: 'sid'}}},
            {
              upstream: {version: '3.15.0rc1', sizeBytes: 1, isUnverified: true, debian: undefined},
              debian: {
                version: '3.15.0rc1',
                sizeBytes: 2,
                urls: [],
                debian: {poolPath: 'pool/main/3.15.0rc1.tar', suite: 'forky'},
              },
            },
          ],
        },
      });
    });

    it('reads why one is not in Debian', () => {
      const own = `${pin('3.12.14')}, not-in-debian: no suite has it`;

      const result = parseRecipe(several(pin('3.14.7'), own), 'recipe.yaml');

      const wanted = {version: '3.12.14', debian: undefined, notInDebian: 'no suite has it'};
      expect(result).toMatchObject({
        ok: true,
        value: {versions: [{debian: {notInDebian: undefined}}, {upstream: wanted, debian: wanted}]},
      });
    });

    it.each([
      [
        'the same series twice',
        several(pin('3.14.7'), pin('3.14.8')),
        '4:3: "versions" has 3.14 twice',
      ],
      [
        'a version that is in Debian and is not',
        several(`${pin('3.14.7')}, not-in-debian: gone, debian: pool/main/a.tar`),
        /^4:.*"debian" and "not-in-debian" exclude each other/,
      ],
      [
        'a version beside them',
        several(pin('3.14.7')).replace('name:', 'version: "3"\nname:'),
        '1:10: "version" stands in each of the "versions"',
      ],
      [
        'a key that is none',
        several(pin('3.14.7').replace('size', 'bytes: 1, size')),
        /^4:.*unknown key "bytes" in an entry of "versions"/,
      ],
      [
        'a key that is none in what they share',
        several(pin('3.14.7')).replace('suite:', 'digest: a, suite:'),
        /unknown key "digest" in "source"/,
      ],
    ])('reports %s', (_title, text, wanted) => {
      const [mistake = '', ...others] = mistakesOf(text);

      expect(mistake.replace('recipe.yaml:', '')).toMatch(wanted);
      expect(others).toEqual([]);
    });
  });

  it('reports every mistake of a recipe at once', () => {
    const text = valid
      .replace('"1.10"', '1.10')
      .replace('size: 123456', 'size: big')
      .replace('spdx: MIT', 'spdx: "MIT and more"');

    expect(mistakesOf(text)).toHaveLength(3);
  });

  it('reads an empty file as one mistake', () => {
    expect(mistakesOf('')).toEqual(['recipe.yaml:1:1: the file must be a map of keys']);
  });
});
