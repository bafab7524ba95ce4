import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {readDynamic} from '../../src/elf/elf-dynamic.js';
import {openElf} from './archive/open-elf.js';

/** What the dynamic loader is told by a program. */
export interface ProgramNeeds {
  /** Relative to the tree. */
  readonly file: string;
  readonly needed: readonly string[];
  /** `DT_RPATH` or `DT_RUNPATH`. */
  readonly searched: string | undefined;
}

/** The libraries of glibc 2.31: all that a tool may need of the machine. */
export const glibcLibraries: readonly string[] = [
  'ld-linux-x86-64.so.2',
  'libc.so.6',
  'libdl.so.2',
  'libm.so.6',
  'libpthread.so.0',
  'librt.so.1',
];

/** Every program and shared library of a tree. */
export async function programsOf(folder: string): Promise<readonly ProgramNeeds[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true});
  return entries
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const hostPath = path.join(entry.parentPath, entry.name);
      const elf = openElf(hostPath);
      const dynamic = elf && readDynamic(elf);
      if (dynamic === undefined) return [];
      const {needed, rpath, runpath} = dynamic;
      return [{file: path.relative(folder, hostPath), needed, searched: rpath ?? runpath}];
    });
}

/** The programs that need more of the machine than its C library, with what that is. */
export function needsBeyondGlibc(programs: readonly ProgramNeeds[]): readonly string[] {
  return programs.flatMap(({file, needed, searched}) => [
    ...needed.filter((name) => !glibcLibraries.includes(name)).map((name) => `${file}: ${name}`),
    ...(searched?.split(':') ?? [])
      .filter((folder) => !isInTree(folder, path.dirname(file)))
      .map((folder) => `${file}: searches ${folder}`),
  ]);
}

/** Whether a search path of a program in `origin`, a folder of its tree, stays in that tree. */
function isInTree(folder: string, origin: string): boolean {
  if (!folder.startsWith('$ORIGIN/')) return false;
  return !path.join(origin, folder.slice('$ORIGIN/'.length)).startsWith('..');
}
