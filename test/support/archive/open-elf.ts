import {readFileSync} from 'node:fs';
import {elfBytesOf, isElf} from '../../../src/elf/elf-bytes.js';
import {readElf} from '../../../src/elf/elf-file.js';
import type {ElfFile} from '../../../src/elf/elf-file.js';

/** The ELF file at a path, or `undefined` when it is another kind of file. */
export function openElf(hostPath: string): ElfFile | undefined {
  const bytes = elfBytesOf(readFileSync(hostPath));
  return isElf(bytes) ? readElf(bytes) : undefined;
}
