import {readStaticSymbols} from './elf-symbols.js';
import type {ElfFile} from './elf-file.js';

/** What an object file offers to a linker, and what it wants of others. */
export interface LinkSymbols {
  /** Symbols that other files can use: global and weak ones. */
  readonly defined: readonly string[];
  /** Symbols that some other file must define. */
  readonly wanted: readonly string[];
}

/**
 * The symbols of an object file by which a linker joins it with others. Those that it wants only weakly are left out: for
 * their sake no linker takes a member out of a static library.
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
