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

/** What a text must look like, and the words that say so in a message. */
export interface TextForm {
  readonly pattern: RegExp;
  readonly wanted: string;
}

/** Reads one YAML file and collects every mistake with its place. */
export class YamlReader {
  readonly diagnostics: Diagnostic[] = [];
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

  /** The map that the file is; `undefined`, with the mistake noted, when it is none. */
  root(): MapReader | undefined {
    const {contents} = this.document;
    if (isMap(contents)) return new MapReader(this, contents, 'the file');
    if (this.diagnostics.length === 0) this.reportAt(0, 'the file must be a map of keys');
    return undefined;
  }

  /** Notes a mistake at the place of a node. */
  report(node: unknown, message: string): void {
    this.reportAt(startOf(node) ?? 0, message);
  }

  private reportAt(offset: number, message: string): void {
    const {line, col} = this.lines.linePos(offset);
    this.diagnostics.push({
      file: this.file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      message,
    });
  }
}

/** One map of the file. What is wrong is noted and read as `undefined` or as an empty list. */
export class MapReader {
  private readonly asked = new Set<string>();

  constructor(
    readonly reader: YamlReader,
    readonly node: YAMLMap,
    /** Names the map in messages: `sources.debian`. */
    readonly title: string,
  ) {}

  /** The node of a key, marked as known; `undefined` when the key is not there. */
  take(key: string): unknown {
    this.asked.add(key);
    return this.node.get(key, true);
  }

  /** Whether the key is there, marked as known. */
  has(key: string): boolean {
    return this.take(key) !== undefined;
  }

  /** Notes a mistake at a key's value, or at the map when the key is not there. */
  report(key: string, message: string): void {
    this.reader.report(this.take(key) ?? this.node, message);
  }

  /** A text that must be there. */
  text(key: string, form: TextForm): string | undefined {
    const node = this.take(key);
    if (node === undefined) {
      this.reader.report(this.node, `${this.title} lacks the key "${key}": ${form.wanted}`);
      return undefined;
    }
    return textOf(this.reader, node, `"${key}"`, form);
  }

  /** A text that may be missing. */
  optionalText(key: string, form: TextForm): string | undefined {
    return this.has(key) ? this.text(key, form) : undefined;
  }

  /** A whole number above zero that must be there. */
  positiveInteger(key: string): number | undefined {
    const node = this.take(key);
    const value: unknown = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
    const wanted = 'a whole number above 0';
    if (node === undefined) this.report(key, `${this.title} lacks the key "${key}": ${wanted}`);
    else this.report(key, `"${key}" must be ${wanted}`);
    return undefined;
  }

  /** A map that may be missing. */
  map(key: string): MapReader | undefined {
    const node = this.take(key);
    if (node === undefined) return undefined;
    if (isMap(node)) return new MapReader(this.reader, node, `"${key}"`);
    this.report(key, `"${key}" must be a map`);
    return undefined;
  }

  /** The nodes of a list; a value that is no list counts as a list of one. Empty when the key is not there. */
  list(key: string): readonly unknown[] {
    const node = this.take(key);
    if (node === undefined) return [];
    return isSeq(node) ? node.items : [node];
  }

  /** The map's keys and values, the keys marked as known. */
  entries(): readonly (readonly [string, unknown])[] {
    return this.node.items.flatMap(({key, value}) => {
      const name: unknown = isScalar(key) ? key.value : key;
      if (typeof name !== 'string') {
        this.reader.report(key, 'a key must be a text');
        return [];
      }
      this.asked.add(name);
      return [[name, value] as const];
    });
  }

  /** Notes every key that was never asked for. Call it last. */
  rejectOtherKeys(): void {
    const known = [...this.asked];
    for (const {key} of this.node.items) {
      const name: unknown = isScalar(key) ? key.value : undefined;
      if (typeof name === 'string' && this.asked.has(name)) continue;
      const shown = typeof name === 'string' ? `"${name}"` : 'that is no text';
      this.reader.report(key, `unknown key ${shown} in ${this.title}; known: ${known.join(', ')}`);
    }
  }
}

/** The text of a scalar node in the wanted form; `undefined`, with the mistake noted, when it is none. */
export function textOf(
  reader: YamlReader,
  node: unknown,
  title: string,
  form: TextForm,
): string | undefined {
  const value: unknown = isScalar(node) ? node.value : undefined;
  if (typeof value === 'string' && form.pattern.test(value)) return value;
  const hint = typeof value === 'number' || typeof value === 'boolean' ? ' in quotes' : '';
  reader.report(node, `${title} must be ${form.wanted}${hint}`);
  return undefined;
}

/** Whether the scalar is written in quotes. */
export function isQuoted(node: unknown): boolean {
  if (!isScalar(node)) return false;
  const style = node.type;
  return style === 'QUOTE_DOUBLE' || style === 'QUOTE_SINGLE';
}

function startOf(node: unknown): number | undefined {
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return undefined;
  return node.range?.[0];
}
