import {Composer, LineCounter, Parser, type ParsedNode} from 'yaml';
import {isNestedDeeperThan} from './yaml-depth.js';

/** A syntax error in YAML. `offset` counts characters; `undefined` if it concerns the whole text. */
export interface YamlMistake {
  readonly offset: number | undefined;
  readonly message: string;
}

/** A parsed YAML document: its top node, or its syntax errors. */
export interface ParsedYaml {
  /** `undefined` if the text is empty or invalid. */
  readonly contents: ParsedNode | undefined;
  readonly mistakes: readonly YamlMistake[];
}

const maximumLength = 1 << 20;
const maximumDepth = 30;

/**
 * Parses one YAML document. Never throws; time and stack are proportional to the text. Does not detect duplicate keys;
 * the reader of a map must.
 */
export function parseYaml(text: string): ParsedYaml {
  if (text.length > maximumLength) {
    return brokenYaml([wholeText(`is longer than ${maximumLength} characters`)]);
  }
  const tokens = [...new Parser().parse(text)];
  // The composer recurses, and V8 can abort the whole process near the end of the stack.
  if (isNestedDeeperThan(maximumDepth, tokens)) {
    return brokenYaml([wholeText('is nested too deeply')]);
  }
  // The composer compares each key of a map with all previous ones: a long map would take minutes.
  const composer = new Composer({uniqueKeys: false});
  const [document, ...others] = composer.compose(tokens, true, text.length);
  if (others.length > 0) return brokenYaml([wholeText('holds more than one YAML document')]);
  if (document === undefined) return brokenYaml([]);
  const mistakes = [...document.errors, ...document.warnings].map(({pos, message}) => ({
    offset: pos[0],
    message,
  }));
  if (mistakes.length > 0) return brokenYaml(mistakes);
  return {contents: document.contents ?? undefined, mistakes};
}

function brokenYaml(mistakes: readonly YamlMistake[]): ParsedYaml {
  return {contents: undefined, mistakes};
}

function wholeText(message: string): YamlMistake {
  return {offset: undefined, message};
}

/** Computes line and column of an offset. Made on demand, because most files need no position. */
export function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  for (let start = 0; start >= 0;) {
    lines.addNewLine(start);
    const end = text.indexOf('\n', start);
    start = end < 0 ? -1 : end + 1;
  }
  return lines;
}
