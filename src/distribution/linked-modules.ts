import type {Makefile} from './makefile.js';
import {expandWords} from './makefile.js';

/** What the build linked into one extension module. */
export interface LinkedModule {
  readonly name: string;
  readonly isShared: boolean;
  /** Object files relative to the build directory, in link order, none twice. */
  readonly objects: readonly string[];
  /** Names of libraries (`ssl` for `-lssl`), in link order, none twice. */
  readonly libraries: readonly string[];
}

/**
 * Reads from CPython's Makefile what each configured extension module consists of. makesetup writes a link rule for
 * every module, also for those that it compiles in, and that rule is what the build used.
 */
export function readLinkedModules(makefile: Makefile): readonly LinkedModule[] {
  const names = expandWords(makefile, '$(MODBUILT_NAMES)');
  const shared = new Set(expandWords(makefile, '$(MODSHARED_NAMES)'));
  const archives = archiveContents(makefile);
  return names.map((name) => {
    const words = linkWords(makefile, name);
    return {
      name,
      isShared: shared.has(name),
      objects: unique(
        words.flatMap((word) => (word.endsWith('.o') ? [word] : (archives.get(word) ?? []))),
      ),
      libraries: unique(words.flatMap(libraryName)),
    };
  });
}

/** The names of the libraries that the interpreter itself is linked with (`LIBS` and `SYSLIBS`). */
export function readCoreLibraries(makefile: Makefile): readonly string[] {
  return unique(expandWords(makefile, '$(LIBS) $(SYSLIBS)').flatMap(libraryName));
}

/** The objects of libpython that belong to no extension module, relative to the build directory. */
export function readCoreObjects(
  makefile: Makefile,
  modules: readonly LinkedModule[],
): readonly string[] {
  const claimed = new Set(modules.flatMap(({objects}) => objects));
  return unique(expandWords(makefile, '$(LIBRARY_OBJS)')).filter(
    (word) => word.endsWith('.o') && !claimed.has(word),
  );
}

function linkWords(makefile: Makefile, name: string): readonly string[] {
  const target = `Modules/${name}$(EXT_SUFFIX)`;
  const recipe = makefile.rules.find((rule) => rule.target === target)?.recipe ?? '';
  // What is linked only because a shared module is a shared library says nothing about the module.
  const inputs = recipe
    .replace('$(BLDSHARED)', '')
    .replace('$(MODULE_LDFLAGS_SHARED)', '')
    .replace('$(LIBPYTHON)', '')
    .replace(/\s-o\s.*$/, '');
  return expandWords(makefile, inputs);
}

/** Static libraries that the build makes from CPython's own sources (HACL*) and their objects. */
function archiveContents(makefile: Makefile): ReadonlyMap<string, readonly string[]> {
  const contents = new Map<string, readonly string[]>();
  for (const {target, prerequisites} of makefile.rules) {
    if (!target.endsWith('.a') && !/^\$\([A-Z0-9_]+\)$/.test(target)) continue;
    const [archive] = expandWords(makefile, target);
    if (archive?.startsWith('Modules/') !== true || !archive.endsWith('.a')) continue;
    const objects = expandWords(makefile, prerequisites).filter((word) => word.endsWith('.o'));
    if (objects.length > 0) contents.set(archive, objects);
  }
  return contents;
}

function libraryName(word: string): readonly string[] {
  const name = /^-l(?::lib(.+)\.a|([^:].*))$/.exec(word);
  const library = name?.[1] ?? name?.[2];
  return library === undefined ? [] : [library];
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
