import {isMap, isSeq} from 'yaml';
import semver from 'semver';
import {sourceSets} from '../core/target.js';
import type {Condition, Conditional} from './recipe.js';
import {MapReader, textOf, type TextForm, type YamlReader} from './yaml-reader.js';

/** Any text at all but the empty one. */
export const anyText: TextForm = {pattern: /[^]/, wanted: 'a text'};

/** Reads one value of a conditional list; `undefined` when it was a mistake, which it has noted. */
export type ReadValue<T> = (reader: YamlReader, node: unknown) => T | undefined;

/**
 * Reads a list whose entries are values, or maps of `noun` (a value or a list of them) and `when`. Values that stand
 * side by side without a condition end up in one entry.
 */
export function readConditionalList<T>(
  map: MapReader,
  key: string,
  noun: string,
  readValue: ReadValue<T>,
): readonly Conditional<T>[] {
  return map.list(key).flatMap((node) => {
    if (!isMap(node) || !node.has(noun)) {
      if (!isMap(node) || !node.has('when')) return entryOf(map.reader, {}, [node], readValue);
      map.reader.report(node, `an entry of "${key}" with "when" lacks the key "${noun}"`);
      return [];
    }
    const entry = new MapReader(map.reader, node, `an entry of "${key}"`);
    const value = entry.take(noun);
    const when = readCondition(entry);
    entry.rejectOtherKeys();
    return entryOf(map.reader, when, isSeq(value) ? value.items : [value], readValue);
  });
}

/** Reads a list of texts, each by itself or with a condition. */
export function readConditionalTexts(
  map: MapReader,
  key: string,
  noun: string,
  form: TextForm = anyText,
): readonly Conditional<string>[] {
  return readConditionalList(map, key, noun, (reader, node) =>
    textOf(reader, node, `"${key}"`, form),
  );
}

/** Reads the `when:` of a map; the empty condition when it has none. */
export function readCondition(map: MapReader): Condition {
  const when = map.map('when');
  if (when === undefined) return {};
  const python = when.optionalText('python', anyText);
  if (python !== undefined && semver.validRange(python) === null) {
    when.report('python', `"python" must be a semver range such as ">=3.13", not "${python}"`);
  }
  const target = readTexts(when, 'target', anyText);
  const names = readTexts(when, 'sources', {
    pattern: new RegExp(`^(${sourceSets.join('|')})$`),
    wanted: `one of ${sourceSets.join(', ')}`,
  });
  const sources = sourceSets.filter((set) => names?.includes(set));
  const options = readTexts(when, 'options', {
    pattern: /^!?[a-z]+$/,
    wanted: 'a part of a build option such as debug or !debug',
  });
  when.rejectOtherKeys();
  return {
    ...(python !== undefined && {python}),
    ...(target !== undefined && {target}),
    ...(names !== undefined && {sources}),
    ...(options !== undefined && {options}),
  };
}

function readTexts(map: MapReader, key: string, form: TextForm): readonly string[] | undefined {
  if (!map.has(key)) return undefined;
  return map.list(key).flatMap((node) => textOf(map.reader, node, `"${key}"`, form) ?? []);
}

function entryOf<T>(
  reader: YamlReader,
  when: Condition,
  nodes: readonly unknown[],
  readValue: ReadValue<T>,
): readonly Conditional<T>[] {
  const values = nodes.flatMap((node) => {
    const value = readValue(reader, node);
    return value === undefined ? [] : [value];
  });
  return values.length === 0 ? [] : [{when, values}];
}
