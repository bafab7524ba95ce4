import {Composer, LineCounter, Parser, type ParsedNode} from 'yaml';
import {isNestedDeeperThan} from './yaml-depth.js';

/** A mistake in the YAML itself. `offset` counts characters; `undefined` when it is about the whole text. */
export interface YamlMistake {
  readonly offset: number | undefined;
  readonly message: string;
}

/** What a text is as YAML: its top node, or why there is none. */
export interface ParsedYaml {
  /** `undefined` when the text is empty or has a mistake. */
  readonly contents: ParsedNode | undefined;
  readonly mistakes: readonly YamlMistake[];
}

const maximumLength = 1 << 20;
const maximumDepth = 30;

/**
 * Parses one YAML document. Never throws, and takes time and stack in proportion to the text, whatever it holds. Keys
 * that stand twice in a map are not looked for: whoever reads the map has to.
 */
export function parseYaml(text: string): ParsedYaml {
  if (text.length > maximumLength) {
    return brokenYaml([wholeText(`is longer than ${maximumLength} characters`)]);
  }
  const tokens = [...new Parser().parse(text)];
  // The composer recurses, and near the end of the stack V8 can abort the whole process.
  if (isNestedDeeperThan(maximumDepth, tokens)) {
    return brokenYaml([wholeText('is nested too deeply to be read')]);
  }
  // The composer compares each key of a map with all before it: a long map would take minutes.
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

/** Tells line and column of an offset. Made only when a place is wanted: most files are read without one. */
export function countLines(text: string): LineCounter {
  const lines = new LineCounter();
  for (let start = 0; start >= 0;) {
    lines.addNewLine(start);
    const end = text.indexOf('\n', start);
    start = end < 0 ? -1 : end + 1;
  }
  return lines;
}
