import {readdir, readFile, realpath} from 'node:fs/promises';
import path from 'node:path';
import {ElfFormatError, elfBytesOf, isElf} from '../elf/elf-bytes.js';
import {readDynamic} from '../elf/elf-dynamic.js';
import {readElf} from '../elf/elf-file.js';

/** A shared library that the dynamic loader of this machine would not find. */
export interface MissingLibrary {
  readonly library: string;
  /** The file that asks for it: the one that was looked at, or a library of it. */
  readonly neededBy: string;
}

/** A file as the loader sees it. */
interface Loadable {
  readonly machine: number;
  readonly is64Bit: boolean;
  readonly needed: readonly string[];
  /** Folders, `$ORIGIN` replaced. */
  readonly rpath: readonly string[];
  readonly runpath: readonly string[];
}

/** Finds shared libraries as the dynamic loader does, without LD_LIBRARY_PATH and without running anything. */
export class LibraryFinder {
  private readonly known = new Map<string, Promise<Loadable | undefined>>();

  private constructor(private readonly systemFolders: readonly string[]) {}

  /** With the folders that `/etc/ld.so.conf` names, and the loader's own. */
  static async open(configuration = '/etc/ld.so.conf'): Promise<LibraryFinder> {
    const own = ['/lib64', '/usr/lib64', '/lib', '/usr/lib'];
    return new LibraryFinder([...(await readConfiguration(configuration, 0)), ...own]);
  }

  /** Everything that a file needs, and what that needs, as far as it is not there. */
  async missingFor(file: string): Promise<readonly MissingLibrary[]> {
    const missing: MissingLibrary[] = [];
    const seen = new Set<string>();
    // DT_RPATH also serves the libraries of libraries, DT_RUNPATH only its own file.
    const visit = async (current: string, inherited: readonly string[]): Promise<void> => {
      const loadable = await this.load(current);
      if (loadable === undefined) return;
      const rpath = [...loadable.rpath, ...inherited];
      const folders = [...rpath, ...loadable.runpath, ...this.systemFolders];
      for (const library of loadable.needed) {
        if (seen.has(library)) continue;
        seen.add(library);
        const found = await this.find(library, folders, loadable);
        if (found === undefined) missing.push({library, neededBy: current});
        else await visit(found, rpath);
      }
    };
    await visit(file, []);
    return missing;
  }

  private async find(
    library: string,
    folders: readonly string[],
    {machine, is64Bit}: Loadable,
  ): Promise<string | undefined> {
    const places = library.includes('/')
      ? [library]
      : folders.map((folder) => path.join(folder, library));
    for (const place of places) {
      const candidate = await this.load(place);
      if (candidate?.machine === machine && candidate.is64Bit === is64Bit) return place;
    }
    return undefined;
  }

  private load(file: string): Promise<Loadable | undefined> {
    const known = this.known.get(file) ?? readLoadable(file);
    this.known.set(file, known);
    return known;
  }
}

async function readLoadable(file: string): Promise<Loadable | undefined> {
  const real = await realpath(file).catch(() => undefined);
  const content = real === undefined ? undefined : await readFile(real).catch(() => undefined);
  if (content === undefined) return undefined;
  const bytes = elfBytesOf(content);
  if (!isElf(bytes)) return undefined;
  try {
    const elf = readElf(bytes);
    const dynamic = readDynamic(elf);
    const foldersOf = (text = '') =>
      text
        .split(':')
        .filter((folder) => folder !== '')
        .map((folder) => folder.replaceAll(/\$(?:ORIGIN\b|\{ORIGIN\})/g, path.dirname(file)));
    return {
      machine: elf.machine,
      is64Bit: elf.encoding.is64Bit,
      needed: dynamic?.needed ?? [],
      rpath: dynamic?.runpath === undefined ? foldersOf(dynamic?.rpath) : [],
      runpath: foldersOf(dynamic?.runpath),
    };
  } catch (error) {
    if (error instanceof ElfFormatError) return undefined;
    throw error;
  }
}

/** The folders of `ld.so.conf`, whose `include` takes patterns with `*` in the last part. */
async function readConfiguration(file: string, depth: number): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const folders: string[] = [];
  for (const line of text.split('\n').map((each) => each.replace(/#.*/, '').trim())) {
    const pattern = /^include\s+(.+)$/.exec(line)?.[1];
    if (pattern === undefined) {
      if (line.startsWith('/')) folders.push(line);
      continue;
    }
    const whole = path.resolve(path.dirname(file), pattern);
    const [start = '', end = ''] = path.basename(whole).split('*');
    const names = await readdir(path.dirname(whole)).catch(() => []);
    for (const name of names.toSorted()) {
      if (depth > 8 || !name.startsWith(start) || !name.endsWith(end)) continue;
      folders.push(...(await readConfiguration(path.join(path.dirname(whole), name), depth + 1)));
    }
  }
  return folders;
}
