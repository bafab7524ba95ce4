import type {Part} from '../../archive/inspect/parts.js';
import type {LinkedElf} from '../../archive/inspect/scan.js';
import {formatBytes, formatTable} from '../table.js';

/** How much belongs to which part. */
export function partsText(parts: readonly Part[], allBytes: number): string {
  const rows = parts.map(({name, files, bytes}) => [
    name,
    files,
    formatBytes(bytes),
    `${((100 * bytes) / allBytes).toFixed(1)} %`,
  ]);
  return `\n${formatTable(['part', 'files', 'size', 'share'], rows, [1, 2, 3])}`;
}

/** What each program and library needs. */
export function elfText(elfs: readonly LinkedElf[]): string {
  const rows = elfs.map(({path, glibc, runpath, needed}) => [
    path,
    glibc ?? '',
    runpath,
    needed.join(' '),
  ]);
  return `\n${formatTable(['program or library', 'glibc', 'runpath', 'needs'], rows)}`;
}
