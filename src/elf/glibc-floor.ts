import {compareCodeUnits} from '../core/digest.js';
import type {ElfFile} from './elf-file.js';
import {readNeededVersions} from './elf-symbols.js';

/** The glibc versions (`2.17`) that a file needs, oldest first; `GLIBC_PRIVATE` and ABI marks are not versions. */
export function glibcVersionsOf(elf: ElfFile): readonly string[] {
  const versions = readNeededVersions(elf).flatMap(({name}) => {
    const version = glibcVersionOf(name);
    return version === undefined ? [] : [version];
  });
  return [...new Set(versions)].sort(compareDottedVersions);
}

/** `2.17` of `GLIBC_2.17`; `undefined` for `GLIBC_PRIVATE`, ABI marks and the versions of other libraries. */
export function glibcVersionOf(versionName: string): string | undefined {
  return /^GLIBC_([0-9]+(?:\.[0-9]+)*)$/.exec(versionName)?.[1];
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
