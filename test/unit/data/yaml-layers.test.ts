import * as v from 'valibot';
import {describe, expect, it} from 'vitest';
import {formatDiagnostic} from '../../../src/core/errors.js';
import {record, type Schema} from '../../../src/data/schema.js';
import {parseYamlLayers} from '../../../src/data/yaml-file.js';

const anything: Schema<unknown> = record(v.string(), v.any());

/** What the layers make together, and all mistakes. */
function read(base: string, ...changes: readonly string[]) {
  const layers = [base, ...changes].map((text, index) => ({text, file: `${index}.yaml`}));
  const result = parseYamlLayers(anything, layers, ['version']);
  return result.ok ? result.value : result.diagnostics.map(formatDiagnostic);
}

describe('layers of a YAML file', () => {
  it.each<[string, string, string, unknown]>([
    ['a later whole file', 'a: x\nb: y', 'a: z', {a: 'z'}],
    ['a new value', 'a: x\nb: y', 'replace: {a: z}', {a: 'z', b: 'y'}],
    ['a new key', 'a: x', 'replace: {b: y}', {a: 'x', b: 'y'}],
    [
      'a key deep in maps',
      'a: {b: {c: x, d: y}}',
      'replace: {a: {b: {c: z}}}',
      {a: {b: {c: 'z', d: 'y'}}},
    ],
    ['a list in place of a list', 'a: [x, y]', 'replace: {a: [z]}', {a: ['z']}],
    ['a list in place of a map', 'a: {b: x}', 'replace: {a: [z]}', {a: ['z']}],
    ['no key', 'a: x\nb: y', 'replace: {a: ~}', {b: 'y'}],
    ['more of a list', 'a: [x]', 'append: {a: [y, z]}', {a: ['x', 'y', 'z']}],
    ['one more', 'a: [x]', 'append: {a: y}', {a: ['x', 'y']}],
    ['more than one', 'a: x', 'append: {a: [y]}', {a: ['x', 'y']}],
    ['a map for a list of maps', 'a: [{b: x}]', 'append: {a: {b: y}}', {a: [{b: 'x'}, {b: 'y'}]}],
    ['a list where there is none', '{b: x}', 'append: {a: [y]}', {b: 'x', a: ['y']}],
    [
      'a list deep in maps',
      'a: {b: [x]}',
      'append: {a: {b: [y], c: [z]}}',
      {a: {b: ['x', 'y'], c: ['z']}},
    ],
    ['both', 'a: x\nb: [x]', 'append: {b: y}\nreplace: {a: z}', {a: 'z', b: ['x', 'y']}],
  ])('give %s', (_title, base, change, wanted) => {
    expect(read(base, change)).toEqual(wanted);
  });

  it('change what earlier changes left', () => {
    expect(read('a: [x]', 'append: {a: y}', 'append: {a: z}', 'replace: {b: w}')).toEqual({
      a: ['x', 'y', 'z'],
      b: 'w',
    });
  });

  it.each<[string, string, string, string]>([
    [
      'a key beside them',
      'a: x',
      'append: {}\nb: y',
      '1.yaml:2:1: "b" beside append and replace: a file that changes another has only these',
    ],
    ['no map', 'a: x', 'replace: [a]', '1.yaml:1:1: "replace" must be a map of keys'],
    [
      'a key that is not there',
      'a: x',
      'replace:\n  b: ~',
      '1.yaml:2:3: there is no "b" to remove',
    ],
    ['a key twice', 'a: x', 'replace:\n  b: y\n  b: z', '1.yaml:3:3: the key "b" is here twice'],
    ['no value', 'a: x', 'replace: {b}', '1.yaml:1:11: the key "b" has no value'],
    [
      'invalid YAML',
      'a: x',
      'replace: {',
      '1.yaml:1:11: Flow map in block collection must be sufficiently indented and end with a }',
    ],
    [
      'a mistake in what stays',
      'a: {b: x, b: y}\nc: x',
      'replace: {c: y}',
      '0.yaml:1:11: the key "b" is here twice',
    ],
    [
      'a mistake in what comes',
      'a: x\nversion: "1"',
      'replace:\n  version: 1.10.0',
      '1.yaml:2:12: "version" must be in quotes: YAML reads 3.10 as the number 3.1',
    ],
  ])('report %s in its own file', (_title, base, change, wanted) => {
    expect(read(base, change)).toEqual([expect.stringContaining(wanted)]);
  });
});
