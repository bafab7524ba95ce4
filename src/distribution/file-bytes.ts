import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import type {ElfBytes} from '../elf/elf-bytes.js';
import {ElfFormatError} from '../elf/elf-bytes.js';
import {DistributionError} from './distribution-error.js';

/**
 * Opens a file, gives access to parts of it, and closes it, because unstripped libraries are far larger than the needed
 * parts. `label` names the file in the `DistributionError` for a file that is missing or of another format.
 */
export function withFileBytes<T>(hostPath: string, label: string, read: (bytes: ElfBytes) => T): T {
  const descriptor = open(hostPath, label);
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

function open(hostPath: string, label: string): number {
  try {
    return openSync(hostPath, 'r');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    throw new DistributionError([`${label}: there is no such file`]);
  }
}
