import {isMap, isScalar, isSeq, type Pair, type Scalar} from 'yaml';
import {parseYaml} from './parse-yaml.js';
import type {Step} from './schema.js';

/** A change of one value in a YAML text. */
export type YamlEdit =
  /** Replaces a scalar; one in quotes keeps its quotes. */
  | {readonly kind: 'set'; readonly path: readonly Step[]; readonly value: string}
  /** Adds an entry at the end of a list that has a line for each: its lines, the first one behind the dash. */
  | {readonly kind: 'append'; readonly path: readonly Step[]; readonly lines: readonly string[]}
  /** Removes a key with its line. */
  | {readonly kind: 'remove'; readonly path: readonly Step[]}
  /** Adds a key in a line of its own before or after another key of the same map; `value` is written as it is. */
  | {
      readonly kind: 'before' | 'after';
      readonly path: readonly Step[];
      readonly key: string;
      readonly value: string;
    };

/** The scalars of a YAML text, by their paths of keys and indexes. */
export class YamlText {
  private readonly contents: unknown;

  constructor(private readonly text: string) {
    this.contents = parseYaml(text).contents;
  }

  /** Whether a path leads to anything. */
  has(path: readonly Step[]): boolean {
    return this.nodeAt(path) !== undefined;
  }

  /** The texts at a path: those of a list, or the only one. */
  textsAt(path: readonly Step[]): readonly string[] {
    const node = this.nodeAt(path);
    const items = isSeq(node) ? node.items : [node];
    return items.flatMap((item) => (isScalar(item) ? String(item.value) : []));
  }

  /** The keys of a map, in the order of the text. */
  keysAt(path: readonly Step[]): readonly string[] {
    const node = this.nodeAt(path);
    return isMap(node)
      ? node.items.flatMap(({key}) => (isScalar(key) ? String(key.value) : []))
      : [];
  }

  /**
   * The text with values changed in place; comments, layout and all other bytes stay.
   * @returns `undefined` if a path leads to no scalar, or a line cannot be added or removed because its map stands in braces.
   */
  edit(edits: readonly YamlEdit[]): string | undefined {
    const splices = edits.map((edit) => this.spliceOf(edit));
    if (splices.includes(undefined)) return undefined;
    return splices
      .flatMap((splice) => splice ?? [])
      .sort((left, right) => right.start - left.start)
      .reduce((text, {start, end, put}) => text.slice(0, start) + put + text.slice(end), this.text);
  }

  private spliceOf(edit: YamlEdit): Splice | undefined {
    const {text} = this;
    const node = this.nodeAt(edit.path);
    if (edit.kind === 'set') {
      if (!isScalar(node) || node.range == null) return undefined;
      const [start, end] = node.range;
      const quote = /^["']/.exec(text.slice(start, end))?.[0] ?? '';
      return {start, end, put: `${quote}${edit.value}${quote}`};
    }
    if (edit.kind === 'append') return this.appendTo(node, edit.lines);
    const key = this.blockKeyAt(edit.path);
    if (key?.range == null) return undefined;
    const [keyStart] = key.range;
    const lineStart = text.lastIndexOf('\n', keyStart) + 1;
    const indent = ' '.repeat(keyStart - lineStart);
    const added = edit.kind === 'remove' ? '' : `${edit.key}: ${edit.value}`;
    // Comments above the key stay above it.
    if (edit.kind === 'before') {
      return {start: keyStart, end: keyStart, put: `${added}\n${indent}`};
    }
    const lineEnd = endOfLine(text, endOf(node) ?? keyStart);
    if (edit.kind === 'after') return {start: lineEnd, end: lineEnd, put: `\n${indent}${added}`};
    // The first key of an entry shares its line with the dash.
    const isAlone = text.slice(lineStart, keyStart).trim() === '';
    return isAlone ? {start: lineStart, end: lineEnd + 1, put: ''} : undefined;
  }

  private appendTo(list: unknown, lines: readonly string[]): Splice | undefined {
    const {text} = this;
    const last: unknown = isSeq(list) && list.flow !== true ? list.items.at(-1) : undefined;
    if (!(isMap(last) || isScalar(last)) || last.range == null) return undefined;
    const dash = text.lastIndexOf('-', last.range[0]);
    const indent = ' '.repeat(dash - text.lastIndexOf('\n', dash) - 1);
    const end = endOfLine(text, last.range[1]);
    const put = lines.map((line, index) => `\n${indent}${index === 0 ? '- ' : '  '}${line}`);
    return {start: end, end, put: put.join('')};
  }

  /** The last key of a path if its map has a line for each key. */
  private blockKeyAt(path: readonly Step[]): Scalar | undefined {
    const map = this.nodeAt(path.slice(0, -1));
    if (!isMap(map) || map.flow === true) return undefined;
    const key = pairOf(map.items, path.at(-1))?.key;
    return isScalar(key) ? key : undefined;
  }

  /** An index into anything but a list leads to the value itself, which counts as a list of one. */
  private nodeAt(path: readonly Step[]): unknown {
    let node = this.contents;
    for (const step of path) {
      if (isMap(node)) node = pairOf(node.items, step)?.value ?? undefined;
      else if (isSeq(node)) node = node.items[Number(step)];
      else if (step !== 0) return undefined;
    }
    return node;
  }
}

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

function pairOf(items: readonly Pair[], key: Step | undefined): Pair | undefined {
  return items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

/** Where a value ends, without the comment behind it. */
function endOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node)) return node.range?.[1];
  return undefined;
}

/** The end of the line that a value ends in; the value of a block ends at the start of the next line. */
function endOfLine(text: string, end: number): number {
  const last = text[end - 1] === '\n' ? end - 1 : end;
  const found = text.indexOf('\n', last);
  return found < 0 ? text.length : found;
}
