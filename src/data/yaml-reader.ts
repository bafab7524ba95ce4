import {isMap, isNode, isScalar, isSeq, type LineCounter, type YAMLMap} from 'yaml';
import type {Diagnostic} from '../core/errors.js';
import {countLines, parseYaml} from './parse-yaml.js';

/** A pattern for a text, and its description in messages. */
export interface TextForm {
  readonly pattern: RegExp;
  readonly wanted: string;
}

/** Any text except the empty one. */
export const anyText: TextForm = {pattern: /[^]/, wanted: 'a text'};

/** A position in a file; `line` and `column` are 1-based. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One `key: value` of a map. */
export interface MapEntry {
  readonly key: string;
  readonly keyNode: unknown;
  readonly value: unknown;
}

/** More are of no use, and some callers cannot handle hundreds of thousands. */
const maximumMistakes = 100;

/**
 * Reads one YAML file and collects all mistakes with their positions. The methods take nodes of the file. An invalid
 * node is reported and read as `undefined` or as an empty list.
 */
export class YamlReader {
  private readonly found: Diagnostic[] = [];
  private readonly contents: unknown;
  private lines: LineCounter | undefined;

  constructor(
    private readonly yaml: string,
    private readonly file: string,
  ) {
    const {contents, mistakes} = parseYaml(yaml);
    this.contents = contents;
    for (const {offset, message} of mistakes) {
      this.note(message, offset);
    }
  }

  /** The mistakes found so far, in order; after a hundred, only a note that there are more. */
  get diagnostics(): readonly Diagnostic[] {
    return this.found;
  }

  /** The map that the file is. */
  root(): MapReader | undefined {
    if (this.found.length > 0) return undefined;
    return this.map(this.contents, 'the file', 'a map of keys');
  }

  /** Reports a mistake at the position of a node. */
  report(node: unknown, message: string): void {
    this.note(message, startOf(node));
  }

  /** The position of a node's first character; the top of the file for anything else. */
  placeOf(node: unknown): Place {
    return this.placeAt(startOf(node));
  }

  /** The node as a map that messages call `title`. */
  map(node: unknown, title: string, wanted = 'a map'): MapReader | undefined {
    if (isMap(node)) return new MapReader(this, node, title);
    this.report(node, `${title} must be ${wanted}`);
    return undefined;
  }

  /** The node as a text that matches the pattern. */
  text(node: unknown, title: string, form: TextForm): string | undefined {
    const value: unknown = isScalar(node) ? node.value : undefined;
    if (typeof value === 'string' && form.pattern.test(value)) return value;
    this.report(node, `${title} must be ${form.wanted}${whatItIs(value)}`);
    return undefined;
  }

  /** The node as a list of texts; a text alone counts as a list of one. */
  texts(node: unknown, title: string, form: TextForm): readonly string[] {
    return itemsOf(node).flatMap((item) => this.text(item, title, form) ?? []);
  }

  private note(message: string, offset: number | undefined): void {
    const {file, found} = this;
    if (found.length > maximumMistakes) return;
    if (found.length === maximumMistakes) found.push({file, message: 'has further mistakes'});
    else found.push({...(offset === undefined ? {file} : this.placeAt(offset)), message});
  }

  private placeAt(offset: number): Place {
    this.lines ??= countLines(this.yaml);
    const {line, col} = this.lines.linePos(offset);
    return {file: this.file, line, column: col};
  }
}

/** One map of the file. Invalid values are reported and read as `undefined` or as an empty list. */
export class MapReader {
  private readonly byKey = new Map<string, MapEntry>();
  private readonly asked = new Set<string>();

  constructor(
    readonly reader: YamlReader,
    private readonly node: YAMLMap,
    /** Names the map in messages: `"license"`. */
    readonly title: string,
  ) {
    for (const {key: keyNode, value} of node.items) {
      const key: unknown = isScalar(keyNode) ? keyNode.value : undefined;
      if (typeof key !== 'string') reader.report(keyNode, `a key in ${title} must be a text`);
      else if (this.byKey.has(key)) reader.report(keyNode, `the key "${key}" is here twice`);
      else if (value === null) reader.report(keyNode, `the key "${key}" has no value`);
      else this.byKey.set(key, {key, keyNode, value});
    }
  }

  /** The node of a key, which becomes known; `undefined` if the key is missing. */
  take(key: string): unknown {
    this.asked.add(key);
    return this.byKey.get(key)?.value;
  }

  /** Whether the key is present; it becomes known. */
  has(key: string): boolean {
    return this.take(key) !== undefined;
  }

  /** All keys and values of the map; the keys become known. */
  entries(): readonly MapEntry[] {
    for (const key of this.byKey.keys()) this.asked.add(key);
    return [...this.byKey.values()];
  }

  /** Reports a mistake at a key's value, or at the map if the key is missing. */
  report(key: string, message: string): void {
    this.reader.report(this.take(key) ?? this.node, message);
  }

  /** A required text. */
  text(key: string, form: TextForm): string | undefined {
    const node = this.required(key, form.wanted);
    return node === undefined ? undefined : this.reader.text(node, `"${key}"`, form);
  }

  /** An optional text. */
  optionalText(key: string, form: TextForm): string | undefined {
    return this.has(key) ? this.text(key, form) : undefined;
  }

  /** Optional texts; a single one counts as a list of one. */
  texts(key: string, form: TextForm): readonly string[] {
    return this.has(key) ? this.reader.texts(this.take(key), `"${key}"`, form) : [];
  }

  /** A required choice of words. */
  choice<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const wanted = `one of ${words.join(', ')}`;
    const node = this.required(key, wanted);
    if (node === undefined) return undefined;
    const value: unknown = isScalar(node) ? node.value : undefined;
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) this.report(key, `"${key}" must be ${wanted}${whatItIs(value)}`);
    return word;
  }

  /** An optional choice of words. */
  optionalChoice<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    return this.has(key) ? this.choice(key, words) : undefined;
  }

  /** An optional `true` or `false`. */
  optionalBoolean(key: string): boolean | undefined {
    const node = this.take(key);
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    if (node !== undefined) this.report(key, `"${key}" must be true or false`);
    return undefined;
  }

  /** A required whole number above zero. */
  positiveInteger(key: string): number | undefined {
    const wanted = 'a whole number above 0';
    const node = this.required(key, wanted);
    const value: unknown = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    if (node !== undefined) this.report(key, `"${key}" must be ${wanted}`);
    return undefined;
  }

  /** An optional map. */
  map(key: string): MapReader | undefined {
    return this.has(key) ? this.reader.map(this.take(key), `"${key}"`) : undefined;
  }

  /** The nodes of a list; any other value counts as a list of one. Empty if the key is missing. */
  list(key: string): readonly unknown[] {
    return this.has(key) ? itemsOf(this.take(key)) : [];
  }

  /** Reports every key that was never read. Call it last. */
  rejectOtherKeys(): void {
    const known = [...this.asked];
    for (const {key, keyNode} of this.byKey.values()) {
      if (this.asked.has(key)) continue;
      const message = `unknown key "${key}" in ${this.title}; known: ${known.join(', ')}`;
      this.reader.report(keyNode, message);
    }
  }

  private required(key: string, wanted: string): unknown {
    if (!this.has(key)) this.report(key, `${this.title} lacks the key "${key}": ${wanted}`);
    return this.take(key);
  }
}

/** The items of a list node; another node is a list of one. */
export function itemsOf(node: unknown): readonly unknown[] {
  return isSeq(node) ? node.items : [node];
}

/** Whether the scalar is written in quotes. */
export function isQuoted(node: unknown): boolean {
  if (!isScalar(node)) return false;
  const style = node.type;
  return style === 'QUOTE_DOUBLE' || style === 'QUOTE_SINGLE';
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** What a message adds about an invalid scalar. */
function whatItIs(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return ' in quotes';
  return typeof value === 'string' && value.length <= 80 ? `, not ${JSON.stringify(value)}` : '';
}
