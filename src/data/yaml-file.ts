import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  visit,
  type LineCounter,
  type Pair,
  type YAMLMap,
} from 'yaml';
import * as v from 'valibot';
import {failure, success, type Diagnostic, type Result} from '../core/errors.js';
import {countLines, parseYaml} from './parse-yaml.js';
import type {Schema, Step} from './schema.js';
import {YamlLayers, type TextFile} from './yaml-layers.js';

/** A position in a file; `line` and `column` are 1-based. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** More are of no use, and some callers cannot handle hundreds of thousands. */
const maximumMistakes = 100;

/** The value of an alias, which no schema accepts. */
const alias = Symbol('alias');

/** Keys with a special meaning in JavaScript objects; no file needs them. */
const reservedKeys: readonly unknown[] = ['__proto__', 'constructor', 'prototype'];

/** The node at a path of keys and indexes. */
interface Location {
  /** `undefined` if the path does not exist. */
  readonly node: unknown;
  readonly keyNode: unknown;
  /** Names the node in messages: `"license"`. */
  readonly title: string;
}

/** Reads the data of one YAML file, or returns all mistakes. Messages refer to it as `file`. */
export function parseYamlFile<T>(
  schema: Schema<T>,
  text: string,
  file: string,
  quotedKeys: readonly string[] = [],
): Result<T> {
  return parseYamlLayers(schema, [{text, file}], quotedKeys);
}

/** Reads the data of a YAML file of several layers (`YamlLayers`), or returns all mistakes. */
export function parseYamlLayers<T>(
  schema: Schema<T>,
  layers: readonly TextFile[],
  quotedKeys: readonly string[] = [],
): Result<T> {
  const yaml = new YamlFile(layers, quotedKeys);
  const data = yaml.read(schema);
  return data === undefined ? failure(yaml.diagnostics) : success(data);
}

/** The position of a text below a key at the top of a file: for mistakes that only other files show. */
export function placeOfText(
  layers: readonly TextFile[],
  key: string,
  text: string,
): Pick<Place, 'file'> & Partial<Place> {
  const yaml = new YamlLayers(layers);
  const below: unknown = isMap(yaml.contents) ? yaml.contents.get(key, true) : undefined;
  let found: unknown;
  if (isNode(below)) {
    visit(below, {
      Scalar(_key, node) {
        if (node.value !== text) return undefined;
        found = node;
        return visit.BREAK;
      },
    });
  }
  const source = yaml.fileOf(found ?? below);
  if (found === undefined) return {file: source.file};
  const {line, col} = countLines(source.text).linePos(startOf(found));
  return {file: source.file, line, column: col};
}

/** The positions of every value of a file that is this text. */
export function placesOfText({file, text: yaml}: TextFile, text: string): readonly Place[] {
  if (!yaml.includes(text)) return [];
  const {contents} = parseYaml(yaml);
  const lines = countLines(yaml);
  const places: Place[] = [];
  if (contents === undefined) return places;
  visit(contents, {
    Scalar(_key, node) {
      if (node.value !== text) return;
      const {line, col} = lines.linePos(startOf(node));
      places.push({file, line, column: col});
    },
  });
  return places;
}

/** One YAML file, of one layer or several: reads its data with a schema and collects all mistakes with their positions. */
export class YamlFile {
  private readonly found: Diagnostic[] = [];
  private readonly layers: YamlLayers;
  private readonly pairs = new Map<YAMLMap, ReadonlyMap<unknown, Pair>>();
  private readonly lines = new Map<TextFile, LineCounter>();

  constructor(
    layers: readonly TextFile[],
    /** Keys whose texts must be written in quotes. */
    private readonly quotedKeys: readonly string[] = [],
  ) {
    this.layers = new YamlLayers(layers);
    for (const {file, offset, message} of this.layers.mistakes) this.noteAt(message, file, offset);
  }

  /** The mistakes found so far, in order; after a hundred, only a note that there are more. */
  get diagnostics(): readonly Diagnostic[] {
    return this.found;
  }

  /** The data of the file; `undefined` if it has mistakes. */
  read<T>(schema: Schema<T>): T | undefined {
    if (this.found.length > 0) return undefined;
    const {contents} = this.layers;
    if (!isMap(contents)) {
      this.note(contents, 'the file must be a map of keys');
      return undefined;
    }
    const result = v.safeParse(schema, this.dataOf(contents, 'the file'));
    for (const issue of result.issues ?? []) {
      if (this.found.length > maximumMistakes) break;
      this.noteIssue(issue);
    }
    return result.success && this.found.length === 0 ? result.output : undefined;
  }

  /** Reports a mistake at the last key of a path. */
  reportKey(path: readonly Step[], message: string): void {
    this.note(this.locate(path).keyNode, message);
  }

  /** The position of the last key of a path. */
  placeOfKey(path: readonly Step[]): Place {
    const {keyNode} = this.locate(path);
    return this.placeAt(this.layers.fileOf(keyNode), startOf(keyNode));
  }

  /** The data of a node. Reports what is no longer visible to a schema. */
  private dataOf(node: unknown, title: string): unknown {
    if (isScalar(node)) return node.value;
    if (isSeq(node)) return node.items.map((item) => this.dataOf(item, title));
    if (!isMap(node)) return alias;
    const data: Record<string, unknown> = {};
    for (const {key: keyNode, value} of node.items) {
      const key: unknown = isScalar(keyNode) ? keyNode.value : undefined;
      if (typeof key !== 'string') this.note(keyNode, `a key in ${title} must be a text`);
      else if (reservedKeys.includes(key)) this.note(keyNode, `the key "${key}" is reserved`);
      else if (Object.hasOwn(data, key)) this.note(keyNode, `the key "${key}" is here twice`);
      else if (value === null) this.note(keyNode, `the key "${key}" has no value`);
      else {
        data[key] = this.dataOf(value, `"${key}"`);
        if (this.quotedKeys.includes(key) && isPlainText(value)) {
          this.note(value, `"${key}" must be in quotes: YAML reads 3.10 as the number 3.1`);
        }
      }
    }
    return data;
  }

  private noteIssue({type, input, path, message}: v.BaseIssue<unknown>): void {
    const steps = path?.map(({key}) => key as Step) ?? [];
    const parent = this.locate(steps.slice(0, -1));
    const {node, keyNode, title} = this.locate(steps);
    const isAtKey = path?.at(-1)?.origin === 'key';
    const removal = this.layers.removalOf(parent.node, steps.at(-1));
    const place = (isAtKey ? keyNode : node) ?? removal ?? parent.node;
    const named = message.replace(/\{(title|parent)\}/, (_, name) => {
      if (name === 'parent') return parent.title;
      return isAtKey ? `a key of ${parent.title}` : title;
    });
    this.note(place, isAboutText(type) ? named + whatItIs(input) : named);
  }

  /** Follows a path. An index into anything but a list leads to the value itself, which counts as a list of one. */
  private locate(path: readonly Step[]): Location {
    let location: Location = {node: this.layers.contents, keyNode: undefined, title: 'the file'};
    for (const step of path) {
      const {node, title} = location;
      if (isMap(node)) {
        const pair = this.pairsOf(node).get(step);
        location = {node: pair?.value, keyNode: pair?.key, title: `"${step}"`};
      } else if (isSeq(node)) {
        const item = node.items[Number(step)];
        location = {...location, node: item, title: isMap(item) ? `an entry of ${title}` : title};
      }
    }
    return location;
  }

  /** The first pair of each key of a map. */
  private pairsOf(node: YAMLMap): ReadonlyMap<unknown, Pair> {
    const known = this.pairs.get(node);
    if (known !== undefined) return known;
    const pairs = new Map<unknown, Pair>();
    for (const pair of node.items) {
      const key: unknown = isScalar(pair.key) ? pair.key.value : undefined;
      if (!pairs.has(key)) pairs.set(key, pair);
    }
    this.pairs.set(node, pairs);
    return pairs;
  }

  private note(node: unknown, message: string): void {
    this.noteAt(message, this.layers.fileOf(node), startOf(node));
  }

  private noteAt(message: string, source: TextFile, offset: number | undefined): void {
    const {found} = this;
    const {file} = source;
    if (found.length > maximumMistakes) return;
    const place = offset === undefined ? {file} : this.placeAt(source, offset);
    const last = found.at(-1);
    // A number that is neither whole nor positive is one mistake.
    if (last?.message === message && isSamePlace(last, place)) return;
    if (found.length === maximumMistakes) found.push({file, message: 'has further mistakes'});
    else found.push({...place, message});
  }

  private placeAt(source: TextFile, offset: number): Place {
    const known = this.lines.get(source);
    const lines = known ?? countLines(source.text);
    if (known === undefined) this.lines.set(source, lines);
    const {line, col} = lines.linePos(offset);
    return {file: source.file, line, column: col};
  }
}

function isSamePlace(left: Partial<Place>, right: Partial<Place>): boolean {
  return left.file === right.file && left.line === right.line && left.column === right.column;
}

function isPlainText(node: unknown): boolean {
  return isScalar(node) && typeof node.value === 'string' && node.type === 'PLAIN';
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

/** Whether an issue concerns the pattern of a text, whose message shows the text. */
function isAboutText(issueType: string): boolean {
  return ['string', 'regex', 'picklist', 'check'].includes(issueType);
}

/** What a message adds about an invalid scalar. */
function whatItIs(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return ' in quotes';
  return typeof value === 'string' && value.length <= 80 ? `, not ${JSON.stringify(value)}` : '';
}
