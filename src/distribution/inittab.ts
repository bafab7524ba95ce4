/** A built-in module of the interpreter. */
export interface InittabEntry {
  readonly name: string;
  /** Its init function; `undefined` for the two modules without one (`NULL`). */
  readonly initFunction: string | undefined;
}

/** Reads the table of built-in modules from makesetup's `config.c`, in order. */
export function parseInittab(configC: string): readonly InittabEntry[] {
  return [...configC.matchAll(/^\s*\{\s*"(\w+)"\s*,\s*(\w+)\s*\},/gm)].map(
    ([, name = '', initFunction = 'NULL']) => ({
      name,
      initFunction: initFunction === 'NULL' ? undefined : initFunction,
    }),
  );
}
