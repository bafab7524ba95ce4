import * as v from 'valibot';
import {describe, expect, it} from 'vitest';

import {canonicalJson} from '../../../src/core/digest.js';
import {formatDiagnostic, valueOrThrow} from '../../../src/core/errors.js';
import {definitionsJson} from '../../../src/setup-local/definitions-json.js';
import {definitionsToJson} from '../../../src/setup-local/definitions-to-json.js';
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
            differs: {},
          },
        ],
      },
    ]);
  });

  it.each([
    [
      'an unknown key',
      '_a:\n  linkege: static\n',
      /^m1.yaml:2:3: unknown key "linkege" in "_a"; known: when, /,
    ],
    [
      'an unknown linkage',
      '_a: {linkage: statik}\n',
      /^m1.yaml:1:15: "linkage" must be one of static, shared, core, disabled, not "statik"/,
    ],
    [
      'an unknown condition',
      '_a: {when: {pyton: ">=3"}}\n',
      /^m1.yaml:1:13: unknown key "pyton" in "when"; known: python, target, options$/,
    ],
    [
      'a condition on the source set',
      '_a: {when: {sources: debian}}\n',
      /^m1.yaml:1:13: unknown key "sources" in "when"/,
    ],
    [
      'a range that is none',
      '_a: {when: {python: "new"}}\n',
      /^m1.yaml:1:21: "python" must be a semver range .*, not "new"/,
    ],
    [
      'a version that YAML reads as a number',
      '_a: {when: {python: 3.14}}\n',
      /^m1.yaml:1:21: "python" must be a semver range .* in quotes/,
    ],
    [
      'a source that is no C file',
      '_a: {sources: [a.cpp]}\n',
      /^m1.yaml:1:16: "sources" must be a C file, relative to Modules\/, not "a.cpp"/,
    ],
    [
      'a word that would break makesetup',
      '_a: {defines: ["A=1 B"]}\n',
      /^m1.yaml:1:16: "defines" must be NAME or NAME=value, .*, not "A=1 B"/,
    ],
    [
      'a list where a map belongs',
      '_a: {libraries: [z]}\n',
      /^m1.yaml:1:17: "libraries" must be a map/,
    ],
    ['an entry without a value', '_a:\n', /^m1.yaml:1:4: "_a" must be a map/],
    ['an entry without variants', '_a: []\n', /^m1.yaml:1:5: "_a" has no variants/],
    [
      'a disabled module without a reason',
      '_a: {linkage: disabled}\n',
      /^m1.yaml:1:5: "_a": a disabled module needs a reason/,
    ],
    [
      'a reason for a module that is on',
      '_a: {reason: because}\n',
      /^m1.yaml:1:5: "_a": reason is for disabled modules/,
    ],
    [
      'a difference in what no audit looks at',
      '_a: {differs: {origin: {ours: [x], reason: why}}}\n',
      /^m1.yaml:1:16: unknown key "origin" in "differs"; known: sources, defines, includes, libraries/,
    ],
    [
      'a difference without a reason',
      '_a: {differs: {libraries: {ours: [m]}}}\n',
      /^m1.yaml:1:27: "libraries" lacks the key "reason"/,
    ],
    [
      'a difference that says nothing',
      '_a: {differs: {libraries: {reason: why}}}\n',
      /^m1.yaml:1:27: "libraries" must say what only upstream or only ours has/,
    ],
    [
      'a difference of a disabled module',
      '_a: {linkage: disabled, reason: off, differs: {libraries: {ours: [m], reason: why}}}\n',
      /^m1.yaml:1:5: "_a": differs is for modules that are built/,
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
    [
      'a name that is none',
      '"a b": {}\n',
      /^m1.yaml:1:1: a key of the file must be the name of a module: letters, digits and "_", not "a b"/,
    ],
    ['broken YAML', '_a: {sources: [\n', /^m1.yaml:\d+:\d+: /],
    ['an alias', '_a: &x {}\n_b: *x\n', /^m1.yaml:2:5: "_b" must be a map/],
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
});

describe('definitionsToJson', () => {
  it('keeps all the data of static-modules/ that a build depends on', () => {
    const definitions = repositoryDefinitions();

    const json = JSON.parse(JSON.stringify(definitionsToJson(definitions))) as unknown;
    const again = v.parse(definitionsJson, json);
    const asYaml = valueOrThrow(
      parseModuleDefinitions([{file: 'json', text: JSON.stringify(json)}]),
    );

    const data = (list: typeof definitions) =>
      list.map(({name, variants}) => ({
        name,
        variants: variants.map((variant) => ({...variant, differs: {}})),
      }));
    expect(data(again)).toEqual(data(definitions));
    expect(data(asYaml)).toEqual(data(definitions));
  });

  it('does not change with comments, order, the file that an entry stands in, and what only an audit reads', () => {
    const json = (...texts: readonly string[]) =>
      canonicalJson(
        definitionsToJson(
          valueOrThrow(parseModuleDefinitions(texts.map((text) => ({file: 'x', text})))),
        ),
      );

    expect(json('# why\n_b: {}\n_a: {}\n')).toBe(json('_a: {}\n', '\n\n_b: {} # no reason\n'));
    expect(json('_a: {differs: {libraries: {ours: [m], reason: why}}}\n')).toBe(json('_a: {}\n'));
  });
});
