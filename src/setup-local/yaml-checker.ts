import {Composer, isMap, isScalar, isSeq, LineCounter, Parser} from 'yaml';
import type {ParsedNode} from 'yaml';

import type {Diagnostic} from '../core/errors.js';
import {isNestedDeeperThan} from './yaml-depth.js';

/** One `key: value` of a mapping. */
export interface YamlEntry {
  readonly key: string;
  readonly keyNode: ParsedNode;
  readonly value: ParsedNode;
}

const maximumLength = 1 << 20;
const maximumDepth = 30;

/** Reads the nodes of one YAML text and collects every mistake with its line and column. */
export class YamlChecker {
  readonly diagnostics: Diagnostic[] = [];
  /** The top node; `undefined` when the text is empty or is not YAML (then there are diagnostics). */
  readonly root: ParsedNode | undefined;
  private readonly lineCounter = new LineCounter();

  constructor(
    readonly file: string,
    text: string,
  ) {
    this.root = this.parse(text);
  }

  /** 1-based line and column of a node's first character. */
  placeOf(node: ParsedNode): {
    readonly file: string;
    readonly line: number;
    readonly column: number;
  } {
    return this.placeAt(node.range[0]);
  }

  /** Notes a mistake at a node. */
  report(node: ParsedNode, message: string): void {
    this.diagnostics.push({...this.placeOf(node), message});
  }

  /** The entries of a mapping whose keys are plain text; reports and returns `undefined` when it is none. */
  entries(node: ParsedNode, what: string): readonly YamlEntry[] | undefined {
    if (!isMap(node)) {
      this.report(node, `${what} must be a mapping`);
      return undefined;
    }
    return node.items.flatMap(({key, value}) => {
      if (!isScalar(key) || typeof key.value !== 'string' || value === null) {
        this.report(key, `${what}: a key must be text and have a value`);
        return [];
      }
      return [{key: key.value, keyNode: key, value}];
    });
  }

  /** The items of a list; reports and returns `undefined` when it is none. */
  items(node: ParsedNode, what: string): readonly ParsedNode[] | undefined {
    if (isSeq(node)) return node.items;
    this.report(node, `${what} must be a list`);
    return undefined;
  }

  /** A text; reports and returns `undefined` when it is none. */
  string(node: ParsedNode, what: string): string | undefined {
    if (isScalar(node) && typeof node.value === 'string') return node.value;
    this.report(node, `${what} must be text${isScalar(node) ? ': put it in quotes' : ''}`);
    return undefined;
  }

  /** A list of texts that all fit `pattern`; items that do not are reported and left out. */
  strings(node: ParsedNode, what: string, pattern: RegExp): readonly string[] {
    return (this.items(node, what) ?? []).flatMap((item) => {
      const text = this.string(item, `an item of ${what}`);
      if (text === undefined) return [];
      if (pattern.test(text)) return [text];
      this.report(
        item,
        `${JSON.stringify(text)} in ${what} does not have the form ${pattern.source}`,
      );
      return [];
    });
  }

  /** `true` or `false`; reports and returns `undefined` when it is neither. */
  boolean(node: ParsedNode, what: string): boolean | undefined {
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    this.report(node, `${what} must be true or false`);
    return undefined;
  }

  /** One of the given texts; reports and returns `undefined` when it is none of them. */
  oneOf<T extends string>(node: ParsedNode, what: string, allowed: readonly T[]): T | undefined {
    const text = this.string(node, what);
    if (text === undefined) return undefined;
    const found = allowed.find((value) => value === text);
    if (found === undefined) {
      this.report(node, `${what} is ${JSON.stringify(text)}, wanted one of: ${allowed.join(', ')}`);
    }
    return found;
  }

  private parse(text: string): ParsedNode | undefined {
    if (text.length > maximumLength) {
      this.diagnostics.push({file: this.file, message: `longer than ${maximumLength} characters`});
      return undefined;
    }
    const tokens = [...new Parser(this.lineCounter.addNewLine).parse(text)];
    // The composer recurses, and near the end of the stack V8 can abort the whole process.
    if (isNestedDeeperThan(maximumDepth, tokens)) {
      this.diagnostics.push({file: this.file, message: 'is nested too deeply to be read'});
      return undefined;
    }
    const [document, ...others] = new Composer().compose(tokens, true, text.length);
    if (others.length > 0) {
      this.diagnostics.push({file: this.file, message: 'holds more than one YAML document'});
    }
    if (document === undefined) return undefined;
    for (const {pos, message} of [...document.errors, ...document.warnings]) {
      this.diagnostics.push({...this.placeAt(pos[0]), message});
    }
    return document.errors.length > 0 ? undefined : (document.contents ?? undefined);
  }

  private placeAt(offset: number): {file: string; line: number; column: number} {
    const {line, col} = this.lineCounter.linePos(offset);
    return {file: this.file, line: Math.max(line, 1), column: Math.max(col, 1)};
  }
}
