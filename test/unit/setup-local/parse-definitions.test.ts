import {describe, expect, it} from 'vitest';

import {canonicalJson} from '../../../src/core/digest.js';
import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {definitionsToJson} from '../../../src/setup-local/module-definition.js';
import {parseModuleDefinitions} from '../../../src/setup-local/parse-definitions.js';
import {repositoryDefinitions} from './real-sources.js';

function mistakesIn(...texts: readonly string[]): readonly string[] {
  const files = texts.map((text, index) => ({file: `m${index + 1}.yaml`, text}));
  const result = parseModuleDefinitions(files);
  return result.ok ? [] : result.diagnostics.map(formatDiagnostic);
}

describe('parseModuleDefinitions', () => {
  it('fills in what an entry leaves out', () => {
    const result = parseModuleDefinitions([{file: 'm.yaml', text: '_json: {}\n'}]);

    expect(valueOrThrow(result)).toEqual([
      {
        name: '_json',
        place: {file: 'm.yaml', line: 1, column: 1},
        variants: [
          {
            when: {},
            origin: 'stdlib',
            linkage: 'static',
            sources: undefined,
            archives: [],
            defines: [],
            includes: [],
            libraries: [],
            required: false,
            initFunction: undefined,
            reason: undefined,
          },
        ],
      },
    ]);
  });

  it.each([
    [
      'an unknown key',
      '_a:\n  linkege: static\n',
      /^m1.yaml:2:3: _a: unknown key "linkege", wanted one of: when, /,
    ],
    [
      'an unknown linkage',
      '_a: {linkage: statik}\n',
      /^m1.yaml:1:15: _a.linkage is "statik", wanted one of: static, /,
    ],
    [
      'an unknown condition',
      '_a: {when: {pyton: ">=3"}}\n',
      /^m1.yaml:1:13: _a.when: unknown key "pyton"/,
    ],
    [
      'a range that is none',
      '_a: {when: {python: "new"}}\n',
      /^m1.yaml:1:21: _a.when.python: "new" is not a version range/,
    ],
    [
      'a version that YAML reads as a number',
      '_a: {when: {python: 3.14}}\n',
      /^m1.yaml:1:21: _a.when.python must be text: put it in quotes/,
    ],
    [
      'a source that is no C file',
      '_a: {sources: [a.cpp]}\n',
      /^m1.yaml:1:16: "a.cpp" in _a.sources does not have the form/,
    ],
    [
      'a word that would break makesetup',
      '_a: {defines: ["A=1 B"]}\n',
      /^m1.yaml:1:16: "A=1 B" in _a.defines/,
    ],
    [
      'a list where a mapping belongs',
      '_a: {libraries: [z]}\n',
      /^m1.yaml:1:17: _a.libraries must be a mapping/,
    ],
    ['an entry without a value', '_a:\n', /^m1.yaml:1:4: _a must be a mapping/],
    [
      'a disabled module without a reason',
      '_a: {linkage: disabled}\n',
      /^m1.yaml:1:5: _a: a disabled module needs a reason/,
    ],
    [
      'a reason for a module that is on',
      '_a: {reason: because}\n',
      /^m1.yaml:1:5: _a: reason is for disabled modules/,
    ],
    [
      'a core module that has a line',
      '_a: {linkage: core, origin: stdlib}\n',
      /linkage core and origin config.c go together/,
    ],
    [
      'a shared module of the bootstrap',
      '_a: {linkage: shared, origin: bootstrap}\n',
      /can only be static/,
    ],
    ['a name that is none', '"a b": {}\n', /^m1.yaml:1:1: "a b" is not a module name/],
    ['broken YAML', '_a: {sources: [\n', /^m1.yaml:\d+:\d+: /],
    ['an alias', '_a: &x {}\n_b: *x\n', /^m1.yaml:2:5: _b must be a mapping/],
  ])('rejects %s and says where', (_what, text, message) => {
    expect(mistakesIn(text)[0]).toMatch(message);
  });

  it('rejects a module that two files define', () => {
    expect(mistakesIn('_a: {}\n', '# again\n_a: {}\n')).toEqual([
      'm2.yaml:2:1: _a is already defined at m1.yaml:1',
    ]);
  });

  it('reports all mistakes of all files at once', () => {
    expect(mistakesIn('_a: {x: 1}\n_b: {linkage: 1}\n', '_c: {y: 1}\n')).toHaveLength(3);
  });

  it.each(['[', '- ', '{a: ', '? '])('refuses %j nested a hundred thousand times', (opening) => {
    expect(mistakesIn(opening.repeat(100_000))).toEqual([
      'm1.yaml: is nested too deeply to be read',
    ]);
  });

  it('answers with a result for any damaged text', () => {
    const random = seededRandom(7);
    const text = '_a:\n  - when: {python: ">=3.14"}\n    sources: [a.c]\n  - {linkage: core}\n';
    const noise = [
      '{',
      '}',
      '[',
      ']',
      ':',
      '-',
      '\n',
      '"',
      '&a',
      '*a',
      '!!x',
      '#',
      '\t',
      '\0',
      '%',
      '|',
      '? ',
    ];
    for (let round = 0; round < 500; round++) {
      const at = Math.floor(random() * text.length);
      const piece = noise[Math.floor(random() * noise.length)] ?? '';
      const damaged = text.slice(0, at) + piece + text.slice(at + Math.floor(random() * 3));

      const result = parseModuleDefinitions([{file: 'm.yaml', text: damaged}]);

      expect(typeof result.ok).toBe('boolean');
    }
  });
});

describe('definitionsToJson', () => {
  it('keeps all the data of static-modules/', () => {
    const definitions = repositoryDefinitions();

    const text = JSON.stringify(definitionsToJson(definitions));
    const again = valueOrThrow(parseModuleDefinitions([{file: 'json', text}]));

    const data = (list: typeof definitions) => list.map(({name, variants}) => ({name, variants}));
    expect(data(again)).toEqual(data(definitions));
  });

  it('does not change with comments, order and the file that an entry stands in', () => {
    const json = (...texts: readonly string[]) =>
      canonicalJson(
        definitionsToJson(
          valueOrThrow(parseModuleDefinitions(texts.map((text) => ({file: 'x', text})))),
        ),
      );

    expect(json('# why\n_b: {}\n_a: {}\n')).toBe(json('_a: {}\n', '\n\n_b: {} # no reason\n'));
  });
});

/** A small linear congruential generator: the same numbers in every run. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
