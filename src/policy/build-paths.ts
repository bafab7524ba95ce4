import type {FileBytes} from '../archive/member-bytes.js';

/** An occurrence of a sandbox path in a file. */
export interface BuildPath {
  readonly path: string;
  /** The ELF section; `undefined` if the file is not an ELF file. */
  readonly section: string | undefined;
  /** Some of the surrounding text. */
  readonly text: string;
}

/** The folders of the sandbox (ARCHITECTURE.md, "The sandbox contract"), except `/` and `/tmp`. */
const needles = ['/build/', '/deps', '/sysroot', '/out/', '/src/', '/in/', '/tools/'].map((root) =>
  Buffer.from(root),
);

/** The part of a file that is in memory at once. */
const windowBytes = 1 << 20;
const overlapBytes = 256;

/** One hit per section or file is enough; a broken build would give millions. */
const maximumHits = 20;

/**
 * The offsets and texts of sandbox paths, at most a few per root. A path counts only at the start of a word: not in
 * `foo/build/x` or `./build/x`, but in `-I/deps/include` and `=/sysroot`.
 */
export function findBuildPaths(
  bytes: FileBytes,
): readonly {readonly offset: number; readonly text: string}[] {
  const hits: {offset: number; text: string}[] = [];
  for (let start = 0; start < bytes.sizeBytes; start += windowBytes) {
    // Chunks overlap, so that the text before a hit is known and no hit is split.
    const from = Math.max(0, start - overlapBytes);
    const end = Math.min(bytes.sizeBytes, start + windowBytes + overlapBytes);
    const window = bytes.window(from, end - from);
    for (const needle of needles) {
      const limit = start - from + windowBytes;
      let at = window.indexOf(needle, start - from);
      for (; at !== -1 && at < limit; at = window.indexOf(needle, at + needle.length)) {
        if (!isPathAt(window, at, needle)) continue;
        hits.push({offset: from + at, text: textAround(window, at)});
        if (hits.length >= maximumHits) return hits;
      }
    }
  }
  return hits;
}

function isPathAt(window: Buffer, at: number, needle: Buffer): boolean {
  const before = window.toString('latin1', Math.max(0, at - 2), at);
  const startsWord = !/[A-Za-z0-9_.@)}-]$/.test(before) || /-[ILR]$/.test(before);
  const after = window.toString('latin1', at + needle.length, at + needle.length + 1);
  // `/build/` must be followed by a name, `/deps` by no letter.
  const isFolder = needle.at(-1) === 0x2f ? /[A-Za-z]/.test(after) : !/[A-Za-z0-9_]/.test(after);
  return startsWord && isFolder && !isInTypeName(window, at);
}

/** UndefinedBehaviorSanitizer prints types, and calls one without a name by its place, for which there is no option. */
function isInTypeName(window: Buffer, at: number): boolean {
  return /\((?:anonymous|unnamed) at $/.test(window.toString('latin1', Math.max(0, at - 20), at));
}

function textAround(window: Buffer, at: number): string {
  const text = window.toString('latin1', Math.max(0, at - 20), at + 60);
  const own = Math.min(20, at);
  const before = /[\x20-\x7e]*$/.exec(text.slice(0, own))?.[0] ?? '';
  const after = /^[\x20-\x7e]*/.exec(text.slice(own))?.[0] ?? '';
  return before + after;
}
