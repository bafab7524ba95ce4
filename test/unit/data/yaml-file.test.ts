import * as v from 'valibot';
import {describe, expect, it} from 'vitest';
import {formatDiagnostic} from '../../../src/core/errors.js';
import {
  check,
  choice,
  flag,
  list,
  map,
  mapByKey,
  positiveInteger,
  record,
  text,
  type Schema,
} from '../../../src/data/schema.js';
import {parseYamlFile, YamlFile} from '../../../src/data/yaml-file.js';

/** What a schema makes of the file, and all mistakes that were noted. */
function read<T>(yaml: string, schema: Schema<T>, quotedKeys?: readonly string[]) {
  const result = parseYamlFile(schema, yaml, 'f.yaml', quotedKeys);
  return {
    value: result.ok ? result.value : undefined,
    mistakes: result.ok ? [] : result.diagnostics.map(formatDiagnostic),
  };
}

const digits = text({pattern: /^\d+$/, wanted: 'digits'});
const anything: Schema<unknown> = record(v.string(), v.any());

/** The schema of a file with the one key `a`. */
const a = (schema: v.GenericSchema): Schema<unknown> => map({a: schema});

describe('a schema', () => {
  it.each<[string, string, v.GenericSchema, unknown]>([
    ['a text', 'a: x', a(text()), {a: 'x'}],
    ['a text over several lines', 'a: |\n  x\n  y\n', a(text()), {a: 'x\ny\n'}],
    ['no text', '{}', a(v.optional(text(), 'usual')), {a: 'usual'}],
    ['a list of texts', 'a: [x, y]', a(list(text())), {a: ['x', 'y']}],
    ['a text in place of a list', 'a: x', a(list(text())), {a: ['x']}],
    ['no list', '{}', a(v.optional(list(text()), [])), {a: []}],
    ['a word', 'a: y', a(choice(['x', 'y'])), {a: 'y'}],
    ['false', 'a: false', a(flag()), {a: false}],
    ['a number', 'a: 12', a(positiveInteger()), {a: 12}],
    ['a map', 'a: {b: x}', a(map({b: text()})), {a: {b: 'x'}}],
    ['any keys', 'b: x\na: y', record(text(), text()), {b: 'x', a: 'y'}],
    ['keys that every object has', 'toString: x', record(text(), text()), {toString: 'x'}],
    ['null', 'a: ~', a(v.nullable(text())), {a: null}],
    ['JSON', '{"a":\t["x"]}', a(list(text())), {a: ['x']}],
  ])('reads %s', (_title, yaml, schema, wanted) => {
    expect(read(yaml, schema)).toEqual({value: wanted, mistakes: []});
  });

  const sized = mapByKey('kind', {
    box: map({kind: v.literal('box'), edge: text()}),
    ball: map({kind: v.literal('ball'), radius: text()}),
  });

  it.each<[string, string, v.GenericSchema, string]>([
    ['a missing key', '# why\n{}', a(digits), '2:1: the file lacks the key "a": digits'],
    [
      'a missing key of a map in a list',
      'a: [{b: x}, {}]',
      a(list(map({b: text()}))),
      '1:13: an entry of "a" lacks the key "b": a text',
    ],
    ['a text of another form', 'a: x', a(digits), '1:4: "a" must be digits, not "x"'],
    ['an empty text', 'a: ""', a(text()), '1:4: "a" must be a text, not ""'],
    ['a number for a text', 'a: 3.1', a(digits), '1:4: "a" must be digits in quotes'],
    ['a key without value', 'a:\n', a(digits), '1:3: "a" must be digits'],
    ['null for what may be missing', 'a: ~', a(v.optional(digits)), '1:4: "a" must be digits'],
    ['a map for a text', 'a: {b: c}', a(list(digits)), '1:4: "a" must be digits'],
    [
      'an item of a list',
      'a:\n  - "1"\n  - x\n',
      a(list(digits)),
      '3:5: "a" must be digits, not "x"',
    ],
    ['another word', 'a: z', a(choice(['x', 'y'])), '1:4: "a" must be one of x, y, not "z"'],
    ['a word for a truth', 'a: yes', a(flag()), '1:4: "a" must be true or false'],
    ['a fraction', 'a: 1.5', a(positiveInteger()), '1:4: "a" must be a whole number above 0'],
    ['a negative fraction', 'a: -1.5', a(positiveInteger()), '1:4: "a" must be a whole number'],
    ['a list for a map', 'a: [b]', a(map({b: text()})), '1:4: "a" must be a map'],
    ['a list for a map of any keys', 'a: [b]', a(record(text(), text())), '1:4: "a" must be a map'],
    [
      'a key of another form',
      'a: {b: x}',
      a(record(digits, text())),
      '1:5: a key of "a" must be digits, not "b"',
    ],
    ['an unknown key', 'a: x\nb: y\n', a(text()), '2:1: unknown key "b" in the file; known: a'],
    [
      'an unknown key that every object has',
      'a: x\ntoString: y\n',
      a(text()),
      '2:1: unknown key "toString" in the file; known: a',
    ],
    [
      'the word that tells maps apart',
      'a: {kind: bag}',
      a(sized),
      '1:11: "kind" must be one of box, ball, not "bag"',
    ],
    [
      'a key of the map that the word names',
      'a: {kind: ball, radius: 1}',
      a(sized),
      '1:25: "radius" must be a text in quotes',
    ],
    [
      'a check',
      'a: {b: [x, y]}',
      a(
        v.pipe(
          map({b: list(text())}),
          check((_value, report) => report('{title} has the wrong end', {value: ['b', 1]})),
        ),
      ),
      '1:12: "b" has the wrong end',
    ],
  ])('reports %s with its place', (_title, yaml, schema, wanted) => {
    expect(read(yaml, schema).mistakes).toEqual([expect.stringContaining(`f.yaml:${wanted}`)]);
  });

  it('reports unknown keys beside other mistakes, and all of them', () => {
    expect(read('a: 1\nb: 2\nc: 3\n', a(text())).mistakes).toHaveLength(3);
  });
});

describe('a YAML file', () => {
  it.each<[string, string, string]>([
    ['an alias', 'b: &b x\na: *b\n', '2:4: "a" must be a text'],
    ['a key that is a number', '1: x', '1:1: a key in the file must be a text'],
    ['a key that is there twice', 'a: x\n\na: y', '3:1: the key "a" is here twice'],
    ['a key without a colon', '{b, a: x}', '1:2: the key "b" has no value'],
    ['a key of another meaning', '__proto__: x', '1:1: the key "__proto__" is reserved'],
    ['a key of another meaning', 'constructor: x', '1:1: the key "constructor" is reserved'],
  ])('reports %s with its place', (_title, yaml, wanted) => {
    expect(read(yaml, record(text(), text())).mistakes).toEqual([`f.yaml:${wanted}`]);
  });

  it('wants quotes around the texts of certain keys', () => {
    const schema = map({versions: list(map({version: text()}))});
    const mistakesIn = (version: string) =>
      read(`versions: [{version: ${version}}]`, schema, ['version']).mistakes;

    expect(mistakesIn('"3.10"')).toEqual([]);
    expect(mistakesIn("'3.10'")).toEqual([]);
    expect(mistakesIn('3.10')).toEqual(['f.yaml:1:22: "version" must be a text in quotes']);
    expect(mistakesIn('3.10.1')).toEqual([
      'f.yaml:1:22: "version" must be in quotes: YAML reads 3.10 as the number 3.1',
    ]);
  });

  it.each([
    ['', 'f.yaml:1:1: the file must be a map of keys'],
    ['- a\n', 'f.yaml:1:1: the file must be a map of keys'],
    ['# nothing\n', 'f.yaml:1:1: the file must be a map of keys'],
    ['a: 1\n---\nb: 2\n', 'f.yaml: holds more than one YAML document'],
    ['a: [\n', 'f.yaml:2:1: Flow sequence in block collection must be sufficiently indented'],
    ['a: !secret x\n', 'f.yaml:1:4: Unresolved tag: !secret'],
  ])('has no data in %j', (yaml, wanted) => {
    const {value, mistakes} = read(yaml, anything);

    expect(value).toBeUndefined();
    expect(mistakes).toEqual([expect.stringContaining(wanted)]);
  });

  it('counts lines and columns from one, whatever the lines end with', () => {
    const file = new YamlFile([{text: 'a: x\r\nb:\r\n  - c: y', file: 'f.yaml'}]);

    expect(file.placeOfKey(['b', 0, 'c'])).toEqual({file: 'f.yaml', line: 3, column: 5});
  });

  it.each(['[', '- ', '{a: ', '? '])('refuses %j nested a hundred thousand times', (opening) => {
    expect(read(opening.repeat(100_000), anything)).toEqual({
      value: undefined,
      mistakes: ['f.yaml: is nested too deeply'],
    });
  });

  it('reads what is nested thirty times', () => {
    const nested = (times: number) => `${'{a: '.repeat(times)}x${'}'.repeat(times)}`;

    expect(read(nested(30), anything).mistakes).toEqual([]);
    expect(read(nested(32), anything).mistakes).toEqual(['f.yaml: is nested too deeply']);
  });

  it('refuses a text of more than a mebibyte', () => {
    expect(read(`a: ${'x'.repeat(1 << 20)}`, anything).mistakes).toEqual([
      'f.yaml: is longer than 1048576 characters',
    ]);
  });

  it.each([
    ['keys', 'a: x\n'.repeat(20_000), anything, 'the key "a" is here twice'],
    ['items', `a:\n${'- 1\n'.repeat(200_000)}`, a(list(text())), '"a" must be a text in quotes'],
  ])('shows a hundred mistakes in %s of a file and says that there are more', (...given) => {
    const [, yaml, schema, wanted] = given;

    const {mistakes} = read(yaml, schema);

    expect(mistakes).toHaveLength(101);
    expect(mistakes[99]).toMatch(new RegExp(`^f\\.yaml:101:\\d: ${wanted}`));
    expect(mistakes[100]).toBe('f.yaml: has further mistakes');
  });

  it('reads a map of a hundred thousand keys, and tells the place of each', () => {
    const keys = Array.from({length: 100_000}, (_, index) => `k${index}`);
    const file = new YamlFile([{text: keys.map((key) => `${key}: v\n`).join(''), file: 'f.yaml'}]);

    const value = file.read(anything);

    expect(value).toEqual(Object.fromEntries(keys.map((key) => [key, 'v'])));
    expect(keys.map((key) => file.placeOfKey([key]).line).at(-1)).toBe(100_000);
  });

  it('answers for any damaged text', () => {
    const schema = record(
      text(),
      list(map({when: v.optional(map({python: text()})), sources: v.optional(list(text()))})),
    );
    const random = seededRandom(7);
    const yaml = 'a:\n  - when: {python: ">=3.14"}\n    sources: [a.c]\n  - {sources: core}\n';
    const noise = ['{', '}', '[', ']', ':', '-', '\n', '"', '&a', '*a', '!!x', '#', '\t', '\0'];
    noise.push('%', '|', '? ', '\r', '\u{1F40D}', '---\n', '!!set', '<<: *a');
    for (let round = 0; round < 500; round++) {
      const at = Math.floor(random() * yaml.length);
      const piece = noise[Math.floor(random() * noise.length)] ?? '';
      const damaged = yaml.slice(0, at) + piece + yaml.slice(at + Math.floor(random() * 3));

      const {value, mistakes} = read(damaged, schema);

      expect(value === undefined ? mistakes.length : 1).toBeGreaterThan(0);
    }
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
