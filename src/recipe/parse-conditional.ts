import {isMap} from 'yaml';
import {readCondition, type Condition, type Conditional} from '../data/condition.js';
import {anyText, itemsOf, MapReader, type TextForm, type YamlReader} from '../data/yaml-reader.js';

/** Reads one value of a conditional list; `undefined` for a mistake, which has been reported. */
export type ReadValue<T> = (reader: YamlReader, node: unknown) => T | undefined;

/**
 * Reads a list whose entries are values, or maps of `noun` (a value or a list of them) and `when`. Adjacent values
 * without a condition are merged into one entry.
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
    return entryOf(map.reader, when, itemsOf(value), readValue);
  });
}

/** Reads a list of texts, each with or without a condition. */
export function readConditionalTexts(
  map: MapReader,
  key: string,
  noun: string,
  form: TextForm = anyText,
): readonly Conditional<string>[] {
  return readConditionalList(map, key, noun, (reader, node) => reader.text(node, `"${key}"`, form));
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
