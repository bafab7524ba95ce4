import {describe, expect, it} from 'vitest';
import {YamlText, type YamlEdit} from '../../../src/data/edit-yaml.js';

const text = `# head
name: x
version: "1.0" # quoted
source:
  # two places
  url:
    - https://a/{version}
    - https://b/{version} # mirror
  size: 10   # bytes
  date: 2020-01-01
list:
  # first
  - version: '1'
    size: 1
  - {version: "2", size: 2}
end: true`;

const edit = (...edits: readonly YamlEdit[]) => new YamlText(text).edit(edits);

describe('YamlText', () => {
  it('has the texts and the keys of a path', () => {
    const yaml = new YamlText(text);

    expect(yaml.textsAt(['source', 'url'])).toEqual(['https://a/{version}', 'https://b/{version}']);
    expect(yaml.textsAt(['source', 'url', 1])).toEqual(['https://b/{version}']);
    expect(yaml.textsAt(['name'])).toEqual(['x']);
    expect(yaml.textsAt(['source'])).toEqual([]);
    expect(yaml.keysAt(['list', 1])).toEqual(['version', 'size']);
    expect([yaml.has(['list', 0, 'size']), yaml.has(['list', 2])]).toEqual([true, false]);
  });

  it.each<[string, YamlEdit, string, string]>([
    ['a text in quotes', {kind: 'set', path: ['version'], value: '1.1'}, '"1.0"', '"1.1"'],
    ['a plain text', {kind: 'set', path: ['source', 'size'], value: '11'}, '10   #', '11   #'],
    [
      'a text in braces',
      {kind: 'set', path: ['list', 1, 'size'], value: '3'},
      'size: 2}',
      'size: 3}',
    ],
    [
      'one of a list',
      {kind: 'set', path: ['source', 'url', 0], value: 'c'},
      'https://a/{version}',
      'c',
    ],
    ['a line less', {kind: 'remove', path: ['source', 'size']}, '  size: 10   # bytes\n', ''],
    [
      'a line after a list',
      {kind: 'after', path: ['source', 'url'], key: 'suite', value: 'sid'},
      '# mirror\n',
      '# mirror\n  suite: sid\n',
    ],
    [
      'a line before the first key of an entry, below its comment',
      {kind: 'before', path: ['list', 0, 'version'], key: 'a', value: '"b"'},
      "- version: '1'",
      '- a: "b"\n    version: \'1\'',
    ],
    [
      'an entry more',
      {kind: 'append', path: ['list'], lines: ['version: "3"', 'size: 3']},
      'size: 2}\n',
      'size: 2}\n  - version: "3"\n    size: 3\n',
    ],
    [
      'a line after the last one',
      {kind: 'after', path: ['end'], key: 'more', value: '1'},
      'end: true',
      'end: true\nmore: 1',
    ],
  ])('changes %s and nothing else', (_title, change, from, to) => {
    expect(edit(change)).toBe(text.replace(from, () => to));
  });

  it('makes several changes at once, those at one place in turn', () => {
    const changed = edit(
      {kind: 'after', path: ['name'], key: 'b', value: '2'},
      {kind: 'after', path: ['name'], key: 'a', value: '1'},
      {kind: 'set', path: ['source', 'date'], value: '2021-01-01'},
    );

    expect(changed).toBe(
      text.replace('name: x\n', 'name: x\na: 1\nb: 2\n').replace('2020', '2021'),
    );
  });

  it.each<[string, YamlEdit]>([
    ['a key that is not there', {kind: 'set', path: ['none'], value: 'x'}],
    ['a map', {kind: 'set', path: ['source'], value: 'x'}],
    ['a line in braces', {kind: 'remove', path: ['list', 1, 'size']}],
    [
      'a line beside one in braces',
      {kind: 'after', path: ['list', 1, 'size'], key: 'a', value: '1'},
    ],
    ['a line that begins an entry', {kind: 'remove', path: ['list', 0, 'version']}],
  ])('does not change %s', (_title, change) => {
    expect(edit(change)).toBeUndefined();
  });
});
