import {compareCodeUnits} from '../core/digest.js';
import type {ElfFile} from './elf-file.js';
import {readNeededVersions} from './elf-symbols.js';

/** The glibc versions (`2.17`) that a file needs, oldest first; `GLIBC_PRIVATE` and ABI marks are not versions. */
export function glibcVersionsOf(elf: ElfFile): readonly string[] {
  const versions = readNeededVersions(elf).flatMap(({name}) => {
    const match = /^GLIBC_([0-9]+(?:\.[0-9]+)*)$/.exec(name);
    return match?.[1] === undefined ? [] : [match[1]];
  });
  return [...new Set(versions)].sort(compareDottedVersions);
}

/** Orders `2.4` before `2.17`: number by number. */
export function compareDottedVersions(left: string, right: string): number {
  const leftParts = left.split('.').map(Number);
  const rightParts = right.split('.').map(Number);
  for (let index = 0; index < Math.max(leftParts.length, rightParts.length); index += 1) {
    const difference = (leftParts[index] ?? 0) - (rightParts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return compareCodeUnits(left, right);
}
