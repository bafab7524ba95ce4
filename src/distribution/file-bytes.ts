import {closeSync, fstatSync, readSync} from 'node:fs';
import {openInTree, TreeFileError, type Tree} from '../core/tree-file.js';
import type {ElfBytes} from '../elf/elf-bytes.js';
import {ElfFormatError} from '../elf/elf-bytes.js';
import {DistributionError} from './distribution-error.js';

/**
 * Opens a file of a tree, gives access to parts of it, and closes it, because unstripped libraries are far larger than the needed
 * parts. `label` names the file in the `DistributionError` for a file that is missing or of another format.
 */
export function withFileBytes<T>(
  {tree, file, label}: {readonly tree: Tree; readonly file: string; readonly label: string},
  read: (bytes: ElfBytes) => T,
): T {
  const descriptor = open(tree, file, label);
  try {
    return read({
      sizeBytes: fstatSync(descriptor).size,
      slice: (offset, length) => {
        const buffer = Buffer.alloc(length);
        return buffer.subarray(0, readSync(descriptor, buffer, 0, length, offset));
      },
    });
  } catch (error) {
    if (!(error instanceof ElfFormatError)) throw error;
    throw new DistributionError([`${label}: ${error.message}`]);
  } finally {
    closeSync(descriptor);
  }
}

function open(tree: Tree, file: string, label: string): number {
  try {
    return openInTree(tree, file);
  } catch (error) {
    if (!(error instanceof TreeFileError && error.isMissing)) throw error;
    throw new DistributionError([`${label}: there is no such file`]);
  }
}
