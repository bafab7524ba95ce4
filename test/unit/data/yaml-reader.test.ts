import {describe, expect, it} from 'vitest';
import {formatDiagnostic} from '../../../src/core/errors.js';
import {anyText, isQuoted, YamlReader, type MapReader} from '../../../src/data/yaml-reader.js';

/** What a function reads from the file's map, and all mistakes that were noted. */
function read<T>(text: string, use: (map: MapReader) => T) {
  const reader = new YamlReader(text, 'f.yaml');
  const map = reader.root();
  const value = map && use(map);
  return {value, mistakes: reader.diagnostics.map(formatDiagnostic)};
}

const digits = {pattern: /^\d+$/, wanted: 'digits'};

describe('MapReader', () => {
  it.each<[string, string, (map: MapReader) => unknown, unknown]>([
    ['a text', 'a: x', (map) => map.text('a', anyText), 'x'],
    ['a text over several lines', 'a: |\n  x\n  y\n', (map) => map.text('a', anyText), 'x\ny\n'],
    ['no text', 'b: x', (map) => map.has('b') && map.optionalText('a', anyText), undefined],
    ['a list of texts', 'a: [x, y]', (map) => map.texts('a', anyText), ['x', 'y']],
    ['a text in place of a list', 'a: x', (map) => map.texts('a', anyText), ['x']],
    ['no list', '{}', (map) => map.texts('a', anyText), []],
    ['a word', 'a: y', (map) => map.choice('a', ['x', 'y']), 'y'],
    ['no word', '{}', (map) => map.optionalChoice('a', ['x', 'y']), undefined],
    ['false', 'a: false', (map) => map.optionalBoolean('a'), false],
    ['a number', 'a: 12', (map) => map.positiveInteger('a'), 12],
    ['a map', 'a: {b: x}', (map) => map.map('a')?.text('b', anyText), 'x'],
    ['entries', 'b: 1\na: 2', (map) => map.entries().map(({key}) => key), ['b', 'a']],
    ['quotes', 'a: "3.10"', (map) => isQuoted(map.take('a')), true],
    ['no quotes', 'a: 3.10.1', (map) => isQuoted(map.take('a')), false],
    ['JSON', '{"a":\t["x"]}', (map) => map.texts('a', anyText), ['x']],
  ])('reads %s', (_title, text, use, wanted) => {
    expect(read(text, use)).toEqual({value: wanted, mistakes: []});
  });

  it.each<[string, string, (map: MapReader) => unknown, string]>([
    [
      'a missing key',
      'b: 1',
      (map) => map.text('a', digits),
      '1:1: the file lacks the key "a": digits',
    ],
    [
      'a text of another form',
      'a: x',
      (map) => map.text('a', digits),
      '1:4: "a" must be digits, not "x"',
    ],
    [
      'a number for a text',
      'a: 3.1',
      (map) => map.text('a', digits),
      '1:4: "a" must be digits in quotes',
    ],
    ['a key without value', 'a:\n', (map) => map.text('a', digits), '1:3: "a" must be digits'],
    ['a map for a text', 'a: {b: c}', (map) => map.texts('a', digits), '1:4: "a" must be digits'],
    [
      'an item of a list',
      'a:\n  - "1"\n  - x\n',
      (map) => map.texts('a', digits),
      '3:5: "a" must be digits, not "x"',
    ],
    ['an alias', 'b: &b x\na: *b\n', (map) => map.text('a', anyText), '2:4: "a" must be a text'],
    [
      'another word',
      'a: z',
      (map) => map.choice('a', ['x', 'y']),
      '1:4: "a" must be one of x, y, not "z"',
    ],
    [
      'a word for a truth',
      'a: yes',
      (map) => map.optionalBoolean('a'),
      '1:4: "a" must be true or false',
    ],
    [
      'a fraction',
      'a: 1.5',
      (map) => map.positiveInteger('a'),
      '1:4: "a" must be a whole number above 0',
    ],
    ['a list for a map', 'a: [b]', (map) => map.map('a'), '1:4: "a" must be a map'],
    [
      'a key that is a number',
      '1: x',
      (map) => map.entries(),
      '1:1: a key in the file must be a text',
    ],
    ['a key that is there twice', 'a: 1\n\na: 2', () => null, '3:1: the key "a" is here twice'],
    ['a key without a colon', '{a, b: 1}', () => null, '1:2: the key "a" has no value'],
    [
      'a key that nobody asked for',
      'a: x\nb: y\n',
      (map) => {
        map.take('a');
        map.rejectOtherKeys();
      },
      '2:1: unknown key "b" in the file; known: a',
    ],
  ])('reports %s with its place', (_title, text, use, wanted) => {
    const {mistakes} = read(text, use);

    expect(mistakes).toEqual([`f.yaml:${wanted}`]);
  });

  it('takes a key of the name __proto__ for a key like any other', () => {
    const {value} = read('__proto__: x', (map) => [map.take('toString'), map.entries().length]);

    expect(value).toEqual([undefined, 1]);
  });
});

describe('YamlReader', () => {
  it.each([
    ['', 'f.yaml:1:1: the file must be a map of keys'],
    ['- a\n', 'f.yaml:1:1: the file must be a map of keys'],
    ['# nothing\n', 'f.yaml:1:1: the file must be a map of keys'],
    ['a: 1\n---\nb: 2\n', 'f.yaml: holds more than one YAML document'],
    ['a: [\n', 'f.yaml:2:1: Flow sequence in block collection must be sufficiently indented'],
    ['a: !secret x\n', 'f.yaml:1:4: Unresolved tag: !secret'],
  ])('has no map in %j', (text, wanted) => {
    const {value, mistakes} = read(text, () => 'a map');

    expect(value).toBeUndefined();
    expect(mistakes).toEqual([expect.stringContaining(wanted)]);
  });

  it('counts lines and columns from one, whatever the lines end with', () => {
    const {value} = read('a: x\r\nb:\r\n  - y', (map) =>
      map.list('b').map((node) => map.reader.placeOf(node)),
    );

    expect(value).toEqual([{file: 'f.yaml', line: 3, column: 5}]);
  });

  it.each(['[', '- ', '{a: ', '? '])('refuses %j nested a hundred thousand times', (opening) => {
    expect(read(opening.repeat(100_000), () => 'a map')).toEqual({
      value: undefined,
      mistakes: ['f.yaml: is nested too deeply to be read'],
    });
  });

  it('refuses a text of more than a mebibyte', () => {
    expect(read(`a: ${'x'.repeat(1 << 20)}`, () => 'a map').mistakes).toEqual([
      'f.yaml: is longer than 1048576 characters',
    ]);
  });

  it('shows a hundred mistakes of a file and says that there are more', () => {
    const {mistakes} = read('a: 1\n'.repeat(20_000), () => null);

    expect(mistakes).toHaveLength(101);
    expect(mistakes.slice(99)).toEqual([
      'f.yaml:101:1: the key "a" is here twice',
      'f.yaml: has further mistakes',
    ]);
  });

  it('reads a map of twenty thousand keys', () => {
    const text = Array.from({length: 20_000}, (_, index) => `k${index}: v\n`).join('');

    const {value} = read(text, (map) => map.entries().length);

    expect(value).toBe(20_000);
  });

  it('answers for any damaged text', () => {
    const random = seededRandom(7);
    const text = 'a:\n  - when: {python: ">=3.14"}\n    sources: [a.c]\n  - {linkage: core}\n';
    const noise = ['{', '}', '[', ']', ':', '-', '\n', '"', '&a', '*a', '!!x', '#', '\t', '\0'];
    noise.push('%', '|', '? ', '\r', '\u{1F40D}', '---\n', '!!set', '<<: *a');
    for (let round = 0; round < 500; round++) {
      const at = Math.floor(random() * text.length);
      const piece = noise[Math.floor(random() * noise.length)] ?? '';
      const damaged = text.slice(0, at) + piece + text.slice(at + Math.floor(random() * 3));

      const {value, mistakes} = read(damaged, readEverything);

      expect(value === undefined ? mistakes.length : 1).toBeGreaterThan(0);
    }
  });
});

function readEverything(map: MapReader): number {
  return map
    .entries()
    .map(({key}) => map.texts(key, anyText).length + (map.map(key)?.entries().length ?? 0))
    .reduce((sum, count) => sum + count, 1);
}

/** A small linear congruential generator: the same numbers in every run. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
