import type {Makefile} from './makefile.js';
import {expandWords} from './makefile.js';

/** The parts of one extension module according to CPython's Makefile. Paths are relative to the build directory. */
export interface ModuleObjects {
  readonly name: string;
  readonly isShared: boolean;
  /** The object files of this module, without duplicates. */
  readonly objects: readonly string[];
}

/**
 * Reads from CPython's Makefile what each configured extension module consists of. makesetup writes a link rule for
 * every module, including built-in ones, and the build used that rule.
 */
export function readModuleObjects(makefile: Makefile): readonly ModuleObjects[] {
  const shared = new Set(expandWords(makefile, '$(MODSHARED_NAMES)'));
  return expandWords(makefile, '$(MODBUILT_NAMES)').map((name) => ({
    name,
    isShared: shared.has(name),
    objects: unique(linkWords(makefile, name).filter((word) => word.endsWith('.o'))),
  }));
}

/** The objects of libpython that belong to no extension module, relative to the build directory. */
export function readCoreObjects(
  makefile: Makefile,
  modules: readonly ModuleObjects[],
): readonly string[] {
  const claimed = new Set(modules.flatMap(({objects}) => objects));
  return unique(expandWords(makefile, '$(LIBRARY_OBJS)')).filter(
    (word) => word.endsWith('.o') && !claimed.has(word),
  );
}

function linkWords(makefile: Makefile, name: string): readonly string[] {
  const target = `Modules/${name}$(EXT_SUFFIX)`;
  const recipe = makefile.rules.find((rule) => rule.target === target)?.recipe ?? '';
  return expandWords(makefile, recipe.replace(/\s-o\s.*$/, ''));
}

/** Each word once, in the order in which they are named first. */
export function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
