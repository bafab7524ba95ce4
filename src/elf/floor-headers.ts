import type {StubLibrary} from './stub-symbols.js';

/**
 * Limits a glibc header to what the libraries provide. Redirects to missing functions are undone, and declarations of
 * missing functions removed, because they would conflict with `static` replacements in programs.
 */
export function cutHeader(text: string, symbols: FloorSymbols): string {
  return dropDeclarations(undoRedirects(text, symbols), symbols);
}

/**
 * Removes declarations that start a line with the type and have the name on the same line, as in glibc's headers, and
 * the checking bodies of `_FORTIFY_SOURCE`. Removed lines stay empty, so that line numbers do not change.
 */
function dropDeclarations(text: string, {missing}: FloorSymbols): string {
  const declarations =
    /^__fortify_function\s[^;{}#]*\{[^{}]*\}|^[A-Za-z_]\w*[ \t][^;{}#()\n]*\([^;{}#]*;/gm;
  return text.replaceAll(declarations, (declaration) => {
    const [, name = ''] =
      /^\w+\s[^(]*?\b(?:__(?:REDIRECT|NTH)\w*\s*\(\s*)?(\w+)\s*[(,]/.exec(declaration) ?? [];
    return missing.has(name) ? declaration.replaceAll(/[^\n]/g, '') : declaration;
  });
}

/**
 * Undoes redirects of a function to a newer one that is missing: `__REDIRECT (fcntl, (int __fd, int __cmd, ...),
 * fcntl64)` becomes `__REDIRECT (fcntl, (...), fcntl)`. Redirects from functions that the libraries do not offer either
 * stay as they are. Both functions are one where `off_t` has 64 bits. Where it has 32, the headers of 2.31 redirect
 * `fcntl` alone, and a plain `fcntl` takes the locks of 64 bits as well.
 */
function undoRedirects(text: string, symbols: FloorSymbols): string {
  let result = '';
  let end = 0;
  for (const {name, target, targetStart} of redirectsOf(text)) {
    if (!symbols.missing.has(target) || !symbols.offered.has(name)) continue;
    result += text.slice(end, targetStart) + name;
    end = targetStart + target.length;
  }
  return result + text.slice(end);
}

/** The function names that programs can be linked against, and those that a newer glibc has in addition. */
export interface FloorSymbols {
  readonly offered: ReadonlySet<string>;
  readonly missing: ReadonlySet<string>;
}

/** What the stub libraries of a floor provide together. */
export function floorSymbols(libraries: readonly StubLibrary[]): FloorSymbols {
  const offered = new Set(
    libraries.flatMap(({symbols}) =>
      symbols.filter(({kind}) => kind === 'function').map(({name}) => name),
    ),
  );
  const dropped = libraries.flatMap(({droppedFunctions}) => droppedFunctions);
  return {offered, missing: new Set(dropped.filter((name) => !offered.has(name)))};
}

interface Redirect {
  readonly name: string;
  readonly target: string;
  readonly targetStart: number;
}

/**
 * Matches calls of `__REDIRECT` and its variants. Also matches their definitions, which is harmless: no library has
 * their parameters.
 */
function redirectsOf(text: string): readonly Redirect[] {
  return [...text.matchAll(/\b__REDIRECT[A-Z_]*\s*\(/g)].flatMap((match) => {
    const start = match.index + match[0].length;
    const called = argumentsFrom(text, start);
    const [, name, target] = /^\s*(\w+)\s*,[^]*,\s*(\w+)\s*$/.exec(called) ?? [];
    if (name === undefined || target === undefined) return [];
    return [{name, target, targetStart: start + called.lastIndexOf(target)}];
  });
}

/** The text up to the parenthesis that closes the one before `start`; empty if there is none. */
function argumentsFrom(text: string, start: number): string {
  let depth = 1;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(start, at);
  }
  return '';
}
