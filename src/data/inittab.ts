/** A module that is part of the interpreter. */
export interface InittabEntry {
  readonly name: string;
  /** The C function that makes it; `null` for those that the interpreter makes by itself (`NULL`). */
  readonly initFunction: string | null;
  /** Where it stands, 1-based. */
  readonly line: number;
}

/** The table of built-in modules, in its order. */
export interface Inittab {
  readonly entries: readonly InittabEntry[];
  /** What is no such table; without a line when there is none at all. */
  readonly mistakes: readonly {readonly line?: number; readonly message: string}[];
}

const entryForm = /^\s*\{\s*"(\w+)"\s*,\s*(\w+)\s*\},?\s*(?:\/\*.*\*\/\s*)?$/;

/** Reads `_PyImport_Inittab` from `config.c.in`, or from the `config.c` that makesetup made of it. */
export function parseInittab(text: string): Inittab {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.includes('_PyImport_Inittab[]'));
  const end = lines.findIndex(
    (line, index) => index > start && /^\s*\{\s*0\s*,\s*0\s*\}/.test(line),
  );
  if (start < 0 || end < 0) {
    const message = 'has no _PyImport_Inittab[] that ends with {0, 0}: is this config.c.in?';
    return {entries: [], mistakes: [{message}]};
  }
  const entries: InittabEntry[] = [];
  const mistakes: {line: number; message: string}[] = [];
  for (const [index, text] of lines.slice(start + 1, end).entries()) {
    if (!text.trim().startsWith('{')) continue;
    const line = start + index + 2;
    const [, name, init] = entryForm.exec(text) ?? [];
    if (name === undefined || init === undefined) {
      mistakes.push({line, message: `is not an entry of the table: ${text.trim()}`});
    } else {
      entries.push({name, initFunction: init === 'NULL' ? null : init, line});
    }
  }
  return {entries, mistakes};
}
