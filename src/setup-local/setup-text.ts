import type {Diagnostic} from '../core/errors.js';
import type {UpstreamModule} from './upstream-module.js';

/** The content of one Setup file. */
export interface SetupText {
  readonly modules: readonly UpstreamModule[];
  /** Modules whose line is a comment, `#_bisect _bisectmodule.c`. */
  readonly commented: readonly UpstreamModule[];
  readonly diagnostics: readonly Diagnostic[];
}

type SectionLinkage = 'static' | 'shared' | 'disabled';

const sections: ReadonlyMap<string, SectionLinkage> = new Map([
  ['*static*', 'static'],
  ['*shared*', 'shared'],
  ['*noconfig*', 'shared'],
  ['*disabled*', 'disabled'],
  // Our configure runs with MODULE_BUILDTYPE=static.
  ['*@MODULE_BUILDTYPE@*', 'static'],
]);

/** What configure substitutes for these words on Linux. */
const substitutions: ReadonlyMap<string, string> = new Map([
  // Only macOS uses CPython's own file for closures; other systems use libffi.
  ['@MODULE__CTYPES_MALLOC_CLOSURE@', ''],
]);

/** Reads a Setup file or its template by the rules of `Modules/makesetup`. */
export function parseSetupText(
  file: string,
  text: string,
  origin: 'stdlib' | 'bootstrap' | 'setup',
): SetupText {
  const modules: UpstreamModule[] = [];
  const commented: UpstreamModule[] = [];
  const diagnostics: Diagnostic[] = [];
  let linkage: SectionLinkage = 'static';
  for (const {line, content} of logicalLines(text)) {
    const place = {file, line};
    const offered = offeredLine(content);
    const code = content.replace(/#.*$/, '').trim();
    const section = sections.get(code);
    if (offered !== undefined) {
      commented.push(...parseModuleLine(offered, {origin, place, linkage: undefined}).modules);
    } else if (section !== undefined) {
      linkage = section;
    } else if (code.startsWith('*')) {
      diagnostics.push({...place, message: `is not a section that makesetup knows: ${code}`});
    } else if (code !== '' && !code.includes('=') && !code.startsWith('include ')) {
      const parsed = parseModuleLine(code, {origin, place, linkage});
      modules.push(...parsed.modules);
      diagnostics.push(...parsed.messages.map((message) => ({...place, message})));
    }
  }
  return {modules, commented, diagnostics};
}

function parseModuleLine(
  code: string,
  common: Pick<UpstreamModule, 'origin' | 'place' | 'linkage'>,
): {readonly modules: readonly UpstreamModule[]; readonly messages: readonly string[]} {
  const names: string[] = [];
  const words: string[] = [];
  const messages: string[] = [];
  for (const rawWord of code.replace(/^@MODULE_\w+_TRUE@/, '').split(/\s+/)) {
    const word = substitutions.get(rawWord) ?? rawWord;
    if (word === '') continue;
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(word)) names.push(word);
    else if (/^(-\S|\$\(\w+\)|[\w./+-]+\.(c|a)$)/.test(word)) words.push(word);
    else messages.push(`has a word that is not understood: ${word}`);
  }
  if (names.length === 0) messages.push('names no module');
  const sources = words.filter((word) => word.endsWith('.c') && !word.startsWith('-'));
  const archives = words.filter((word) => word.endsWith('.a') && !word.startsWith('-'));
  const modules = names.map((name) => ({
    ...common,
    name,
    words,
    sources,
    archives,
    initFunction: undefined,
  }));
  return {modules, messages};
}

/** The text of a commented-out module line; prose has a space after `#` or no C file among its words. */
function offeredLine(content: string): string | undefined {
  const match = /^#([a-z_][A-Za-z0-9_]*\s.*)$/.exec(content);
  const line = match?.[1]?.replace(/\\$/, '');
  return line !== undefined && /\.c(\s|$)/.test(line) ? line : undefined;
}

/** Lines with their numbers; a backslash at the end joins the next line. */
function logicalLines(text: string): readonly {readonly line: number; readonly content: string}[] {
  const joined: {line: number; content: string}[] = [];
  let open: {line: number; parts: string[]} | undefined;
  text.split('\n').forEach((content, index) => {
    const continues = content.endsWith('\\') && !content.startsWith('#');
    const part = continues ? content.slice(0, -1) : content;
    open ??= {line: index + 1, parts: []};
    open.parts.push(part);
    if (continues) return;
    joined.push({line: open.line, content: open.parts.join(' ')});
    open = undefined;
  });
  if (open !== undefined) joined.push({line: open.line, content: open.parts.join(' ')});
  return joined;
}
