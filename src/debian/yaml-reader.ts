import {
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type YAMLMap,
} from 'yaml';
import type {Diagnostic} from '../core/errors.js';

type Path = readonly (string | number)[];

/** Reads a YAML file key by key and collects every mistake with its place. */
export class YamlReader {
  private readonly found: Diagnostic[] = [];
  private readonly lines = new LineCounter();
  private readonly document: Document.Parsed;

  constructor(
    text: string,
    private readonly file: string,
  ) {
    this.document = parseDocument(text, {lineCounter: this.lines, prettyErrors: false});
    for (const error of [...this.document.errors, ...this.document.warnings]) {
      this.reportAt(error.pos[0], error.message);
    }
  }

  /** Every mistake found so far, in the order it was found. */
  get diagnostics(): readonly Diagnostic[] {
    return this.found;
  }

  /** The map that the file consists of; `undefined`, with a mistake noted, when it is none. */
  root(): MapReader | undefined {
    const {contents} = this.document;
    if (isMap(contents)) return new MapReader(this, contents);
    if (this.found.length === 0) this.reportAt(0, 'The file must be a map of keys.');
    return undefined;
  }

  /** Notes a mistake at a byte position of the text. */
  reportAt(position: number, message: string): void {
    const {line, col} = this.lines.linePos(position);
    this.found.push({file: this.file, line: Math.max(line, 1), column: Math.max(col, 1), message});
  }
}

/** The keys of one map. What is missing or malformed is noted as a mistake and read as something harmless. */
export class MapReader {
  constructor(
    private readonly reader: YamlReader,
    private readonly map: YAMLMap,
  ) {}

  /** A text that must be there; numbers must be quoted, as YAML would change them. */
  text(key: string, pattern: RegExp): string {
    const value: unknown = this.map.get(key);
    if (typeof value === 'string' && pattern.test(value)) return value;
    if (value === undefined) this.missing(key, `a text that matches ${String(pattern)}`);
    else this.report([key], `${key} must be a text that matches ${String(pattern)}.`);
    return '';
  }

  /** A whole number that must be there. */
  integer(key: string): number {
    const value: unknown = this.map.get(key);
    if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
    if (value === undefined) this.missing(key, 'a whole number');
    else this.report([key], `${key} must be a whole number.`);
    return 0;
  }

  /** One of a few words. */
  choice<const Word extends string>(key: string, words: readonly [Word, ...Word[]]): Word {
    const value: unknown = this.map.get(key);
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return word;
    if (value === undefined) this.missing(key, `one of ${words.join(', ')}`);
    else this.report([key], `${key} must be one of ${words.join(', ')}.`);
    return words[0];
  }

  /** A list of texts that must be there and not be empty. */
  textList(key: string, pattern: RegExp): readonly string[] {
    const list = this.optionalTextList(key, pattern);
    if (!this.map.has(key)) this.missing(key, 'a list of texts');
    else if (list.length === 0) this.report([key], `${key} must not be empty.`);
    return list;
  }

  /** A list of texts; empty when the key is not there. */
  optionalTextList(key: string, pattern: RegExp): readonly string[] {
    const value: unknown = this.map.get(key);
    if (value === undefined) return [];
    if (!isSeq(value)) {
      this.report([key], `${key} must be a list of texts.`);
      return [];
    }
    const seen = new Set<string>();
    for (const [index, item] of value.items.entries()) {
      const text: unknown = isScalar(item) ? item.value : undefined;
      if (typeof text !== 'string' || !pattern.test(text)) {
        this.report([key, index], `${key}: each must be a text that matches ${String(pattern)}.`);
      } else if (seen.has(text)) {
        this.report([key, index], `${key}: ${text} stands here twice.`);
      } else {
        seen.add(text);
      }
    }
    return [...seen];
  }

  /** A map from text to text; empty when the key is not there. */
  optionalTextMap(key: string): Readonly<Record<string, string>> {
    const value: unknown = this.map.get(key);
    if (value === undefined) return {};
    if (!isMap(value)) {
      this.report([key], `${key} must be a map from text to text.`);
      return {};
    }
    return Object.fromEntries(
      value.items.flatMap(({key: name, value: item}) => {
        const nameText: unknown = isScalar(name) ? name.value : undefined;
        const itemText: unknown = isScalar(item) ? item.value : undefined;
        if (typeof nameText === 'string' && typeof itemText === 'string') {
          return [[nameText, itemText] as const];
        }
        this.report([key], `${key}: every key and every value must be a text.`);
        return [];
      }),
    );
  }

  /** Notes each key that is not among `known`. */
  rejectOtherKeys(known: readonly string[]): void {
    for (const {key} of this.map.items) {
      const name: unknown = isScalar(key) ? key.value : undefined;
      if (typeof name === 'string' && known.includes(name)) continue;
      this.reader.reportAt(
        isScalar(key) ? (key.range?.[0] ?? 0) : 0,
        `Unknown key ${String(name)}; known are ${known.join(', ')}.`,
      );
    }
  }

  /** Notes a mistake at the value of a key below this map, or at the map when it is not there. */
  report(path: Path, message: string): void {
    const node: unknown = this.map.getIn(path, true);
    const range = isScalar(node) || isMap(node) || isSeq(node) ? node.range : undefined;
    this.reader.reportAt((range ?? this.map.range)?.[0] ?? 0, message);
  }

  private missing(key: string, wanted: string): void {
    this.reader.reportAt(this.map.range?.[0] ?? 0, `The key ${key} is missing: ${wanted}.`);
  }
}
