import {readStaticSymbols} from './elf-symbols.js';
import type {ElfFile} from './elf-file.js';

/** The symbols that an object file defines and needs. */
export interface LinkSymbols {
  /** Symbols that other files can use: global and weak ones. */
  readonly defined: readonly string[];
  /** Symbols that another file must define. */
  readonly wanted: readonly string[];
}

/**
 * The symbols that link an object file to others. Weak references are omitted, because no linker extracts a member of a
 * static library for them.
 */
export function readLinkSymbols(elf: ElfFile): LinkSymbols {
  const defined: string[] = [];
  const wanted: string[] = [];
  for (const {name, binding, isDefined} of readStaticSymbols(elf)) {
    if (binding === 'local') continue;
    if (isDefined) defined.push(name);
    else if (binding !== 'weak') wanted.push(name);
  }
  return {defined, wanted};
}
