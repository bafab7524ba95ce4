/** A module that is compiled into the interpreter. */
export interface InittabEntry {
  readonly name: string;
  /** The C function that makes it; `undefined` for the two that the interpreter makes by itself (`NULL`). */
  readonly initFunction: string | undefined;
}

/** Reads the table of built-in modules from the `config.c` that makesetup wrote, in its order. */
export function parseInittab(configC: string): readonly InittabEntry[] {
  return [...configC.matchAll(/^\s*\{\s*"(\w+)"\s*,\s*(\w+)\s*\},/gm)].map(
    ([, name = '', initFunction = 'NULL']) => ({
      name,
      initFunction: initFunction === 'NULL' ? undefined : initFunction,
    }),
  );
}
