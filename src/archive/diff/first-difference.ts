import type {ElfBytes} from '../../elf/elf-bytes.js';

const blockBytes = 1 << 16;

/** The offset of the first byte that differs, or the length of the shorter file; `undefined` for equal files. */
export function firstDifference(before: ElfBytes, after: ElfBytes): number | undefined {
  const length = Math.min(before.sizeBytes, after.sizeBytes);
  for (let at = 0; at < length; at += blockBytes) {
    const count = Math.min(blockBytes, length - at);
    const [old, now] = [before.slice(at, count), after.slice(at, count)];
    if (Buffer.compare(old, now) === 0) continue;
    for (let index = 0; index < count; index += 1) if (old[index] !== now[index]) return at + index;
  }
  return before.sizeBytes === after.sizeBytes ? undefined : length;
}
