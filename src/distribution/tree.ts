import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import {readdir, readlink} from 'node:fs/promises';
import path from 'node:path';
import {compareCodeUnits} from '../core/digest.js';
import {ElfFormatError, isElf} from '../elf/elf-bytes.js';
import type {ElfBytes} from '../elf/elf-bytes.js';
import {readElf} from '../elf/elf-file.js';
import {compareDottedVersions, glibcVersionsOf} from '../elf/glibc-floor.js';
import {DistributionError} from './distribution-error.js';
import type {TreeEntry} from './members.js';

/** Every file and link below `hostPath`, by code unit, paths relative to it. Empty directories leave no trace. */
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

/** The highest glibc version that one of the files needs; `undefined` when none is an ELF file that needs one. */
export function maximumGlibcVersion(
  hostRoot: string,
  relativePaths: readonly string[],
): string | undefined {
  let maximum: string | undefined;
  for (const relative of relativePaths) {
    for (const version of glibcVersionsOfFile(hostRoot, relative)) {
      if (maximum === undefined || compareDottedVersions(version, maximum) > 0) maximum = version;
    }
  }
  return maximum;
}

function glibcVersionsOfFile(hostRoot: string, relative: string): readonly string[] {
  const descriptor = openSync(path.join(hostRoot, relative), 'r');
  try {
    const bytes = elfBytesOfFile(descriptor);
    return isElf(bytes) ? glibcVersionsOf(readElf(bytes)) : [];
  } catch (error) {
    if (!(error instanceof ElfFormatError)) throw error;
    throw new DistributionError([`${relative}: ${error.message}`]);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads parts of an open file: unstripped libraries are far larger than what is wanted of them. */
function elfBytesOfFile(descriptor: number): ElfBytes {
  return {
    sizeBytes: fstatSync(descriptor).size,
    slice: (offset, length) => {
      const buffer = Buffer.alloc(length);
      const read = readSync(descriptor, buffer, 0, length, offset);
      return buffer.subarray(0, read);
    },
  };
}
