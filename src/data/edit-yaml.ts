import {isMap, isScalar, isSeq} from 'yaml';
import {parseYaml} from './parse-yaml.js';
import type {Step} from './schema.js';

/** A change of one value in a YAML text. */
export type YamlEdit =
  /** Replaces a scalar; one in quotes keeps its quotes. */
  | {readonly kind: 'set'; readonly path: readonly Step[]; readonly value: string}
  /** Removes a key that has a line of its own. */
  | {readonly kind: 'remove'; readonly path: readonly Step[]}
  /** Adds a key with its value in a line below another key of the same map. */
  | {
      readonly kind: 'add';
      readonly below: readonly Step[];
      readonly key: string;
      readonly value: string;
    };

interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with values changed in place: comments, layout and all other bytes stay. Paths that do not exist are left
 * out. Understands block maps with one key in a line.
 */
export function editYaml(text: string, edits: readonly YamlEdit[]): string {
  const {contents} = parseYaml(text);
  const splices = edits.flatMap((edit) => spliceOf(text, contents, edit) ?? []);
  return splices
    .sort((one, other) => other.start - one.start)
    .reduce(
      (edited, {start, end, text: put}) => edited.slice(0, start) + put + edited.slice(end),
      text,
    );
}

function spliceOf(text: string, contents: unknown, edit: YamlEdit): Splice | undefined {
  const pair = pairAt(contents, edit.kind === 'add' ? edit.below : edit.path);
  if (pair === undefined) return undefined;
  const {keyStart, value} = pair;
  const [start, end] = value;
  const lineStart = text.lastIndexOf('\n', keyStart) + 1;
  const lineEnd = (text.indexOf('\n', end) + 1 || text.length + 1) - 1;
  switch (edit.kind) {
    case 'set': {
      const quote = /^["']/.exec(text.slice(start, end))?.[0] ?? '';
      return {start, end, text: `${quote}${edit.value}${quote}`};
    }
    case 'remove':
      return {start: lineStart, end: lineEnd + 1, text: ''};
    case 'add': {
      const indent = ' '.repeat(keyStart - lineStart);
      return {start: lineEnd, end: lineEnd, text: `\n${indent}${edit.key}: ${edit.value}`};
    }
  }
}

/** The key and the extent of the value at a path; an index leads to an item of a list, or to a value that is none. */
function pairAt(
  contents: unknown,
  path: readonly Step[],
): {readonly keyStart: number; readonly value: readonly [number, number]} | undefined {
  let node: unknown = contents;
  let keyStart = 0;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({key}) => isScalar(key) && key.value === step);
      if (pair === undefined || !isScalar(pair.key)) return undefined;
      keyStart = pair.key.range?.[0] ?? 0;
      node = pair.value;
    } else if (isSeq(node)) node = node.items[Number(step)];
  }
  if (!isScalar(node) || node.range == null) return undefined;
  return {keyStart, value: [node.range[0], node.range[1]]};
}
