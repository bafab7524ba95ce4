import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {compareCodeUnits} from '../core/digest.js';
import {parseInittab} from '../data/inittab.js';
import {ElfFormatError, elfBytesOf, isElf} from '../elf/elf-bytes.js';
import {readElf} from '../elf/elf-file.js';
import {readDynamicSymbols} from '../elf/elf-symbols.js';
import type {Installation} from './installation.js';
import type {LibraryFinder, MissingLibrary} from './needed-libraries.js';

/** An extension module that a tree has. */
export interface PresentModule {
  readonly name: string;
  readonly linkage: 'built in' | 'shared';
  /** Of a shared one, below the tree. */
  readonly file?: string;
  /** Libraries without which it cannot be imported on this machine. */
  readonly missingLibraries: readonly MissingLibrary[];
}

/** The extension modules of a tree. */
export interface PresentModules {
  readonly modules: readonly PresentModule[];
  /** Those that were built but could not be imported then, by name: CPython's build renames their files. */
  readonly failed: ReadonlyMap<string, string>;
  /** Where the built-in ones were read: `config.c`, or the symbols of the interpreter. */
  readonly builtInFrom: string;
}

/** Reads which extension modules a tree has. */
export async function readPresentModules(
  tree: Installation,
  finder: LibraryFinder | undefined,
): Promise<PresentModules> {
  const {names, from} = await readBuiltIn(tree);
  const modules: PresentModule[] = names.map((name) => ({
    name,
    linkage: 'built in',
    missingLibraries: [],
  }));
  const failed = new Map<string, string>();
  const files = await readdir(tree.dynamicLoad).catch(() => []);
  for (const file of files.toSorted()) {
    const name = /^([^.]+)\.(?:.*\.)?so$/.exec(file)?.[1];
    if (name === undefined) continue;
    const hostPath = path.join(tree.dynamicLoad, file);
    const renamed = /^(.+)_failed$/.exec(name)?.[1];
    if (renamed !== undefined) {
      failed.set(renamed, file);
      continue;
    }
    modules.push({
      name,
      linkage: 'shared',
      file: path.relative(tree.rootPath, hostPath),
      missingLibraries: (await finder?.missingFor(hostPath)) ?? [],
    });
  }
  modules.sort((left, right) => compareCodeUnits(left.name, right.name));
  return {modules, failed, builtInFrom: from};
}

async function readBuiltIn(
  tree: Installation,
): Promise<{readonly names: readonly string[]; readonly from: string}> {
  const source = path.join(tree.configuration, 'config.c');
  const text = await readFile(source, 'utf8').catch(() => undefined);
  if (text !== undefined) {
    const {entries} = parseInittab(text);
    if (entries.length > 0) return {names: entries.map(({name}) => name), from: 'config.c'};
  }
  const names = new Set<string>();
  for (const file of await programFiles(tree)) {
    for (const name of await initFunctionsIn(file)) names.add(name);
  }
  return {names: [...names], from: 'symbols of the interpreter'};
}

/** The interpreter, and libpython, in which its code may be. */
export async function programFiles(tree: Installation): Promise<readonly string[]> {
  const name = String(tree.sysconfig.get('INSTSONAME') ?? '');
  const recorded = String(tree.sysconfig.get('LIBDIR') ?? '');
  const folders = [path.dirname(tree.standardLibrary), tree.prefix, recorded];
  const library = name.includes('.so') ? folders.map((folder) => path.join(folder, name)) : [];
  const files = [tree.executable];
  for (const file of library) {
    const content = await readFile(file).catch(() => undefined);
    if (content === undefined) continue;
    files.push(file);
    break;
  }
  return files;
}

async function initFunctionsIn(file: string): Promise<readonly string[]> {
  const bytes = elfBytesOf(await readFile(file));
  if (!isElf(bytes)) return [];
  try {
    return readDynamicSymbols(readElf(bytes)).flatMap(({name, isDefined}) =>
      isDefined ? (/^PyInit_(\w+)$/.exec(name)?.[1] ?? []) : [],
    );
  } catch (error) {
    if (error instanceof ElfFormatError) return [];
    throw error;
  }
}
