import {readdir, readlink} from 'node:fs/promises';
import path from 'node:path';
import {compareCodeUnits} from '../core/digest.js';
import type {Tree} from '../core/tree-file.js';
import {isElf} from '../elf/elf-bytes.js';
import {readElf} from '../elf/elf-file.js';
import {compareDottedVersions, glibcVersionsOf} from '../elf/glibc-floor.js';
import {DistributionError} from './distribution-error.js';
import {withFileBytes} from './file-bytes.js';
import type {TreeEntry} from './members.js';

/** Every file and link below `hostPath`, by code unit, paths relative to it. Empty directories are omitted. */
export async function walkTree(hostPath: string): Promise<readonly TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const visit = async (relative: string): Promise<void> => {
    const children = await readdir(path.join(hostPath, relative), {withFileTypes: true});
    for (const child of children) {
      const childPath = relative === '' ? child.name : `${relative}/${child.name}`;
      if (child.isDirectory()) await visit(childPath);
      else if (child.isSymbolicLink()) {
        entries.push({path: childPath, linkTarget: await readlink(path.join(hostPath, childPath))});
      } else if (child.isFile()) entries.push({path: childPath, linkTarget: undefined});
      else throw new DistributionError([`${childPath}: neither a file nor a link nor a directory`]);
    }
  };
  await visit('');
  return entries.toSorted((left, right) => compareCodeUnits(left.path, right.path));
}

/** The installed ELF files, in the order of the entries: programs and libraries. */
export function elfFiles(tree: Tree, entries: readonly TreeEntry[]): readonly string[] {
  return entries
    .filter((entry) => entry.linkTarget === undefined && entry.path.startsWith('python/install/'))
    .map((entry) => entry.path)
    .filter((file) => withFileBytes({tree, file, label: file}, isElf));
}

/** The highest glibc version that one of the ELF files needs; `undefined` when none needs one. */
export function maximumGlibcVersion(tree: Tree, elfPaths: readonly string[]): string | undefined {
  const versions = elfPaths.flatMap((file) =>
    withFileBytes({tree, file, label: file}, (bytes) => glibcVersionsOf(readElf(bytes))),
  );
  return versions.toSorted(compareDottedVersions).at(-1);
}
