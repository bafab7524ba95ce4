import {elfBytesOf, isElf} from '../../elf/elf-bytes.js';
import {capped, compareNames, type Capped, type NameChanges} from './capped.js';
import {compareElf, type ElfDifference} from './elf-difference.js';
import {compareJson, type JsonDifference} from './json-difference.js';
import {readStaticLibrary, type LibraryMember} from './static-library.js';
import {asText, compareText, type TextDifference} from './text-difference.js';

/** How two static libraries differ. */
export interface LibraryDifference {
  readonly kind: 'static library';
  readonly members: NameChanges | undefined;
  readonly changed: Capped<{readonly name: string; readonly difference: ContentDifference}>;
}

/** How files of no kind that is looked into differ. */
export interface BytesDifference {
  readonly kind: 'bytes';
  /** Of the first byte that differs, or where the shorter file ends. */
  readonly firstOffset: number;
}

/** How the contents of two files differ. */
export type ContentDifference =
  ElfDifference | LibraryDifference | JsonDifference | TextDifference | BytesDifference;

/**
 * Compares two different contents by what they are.
 * @param limit how many items of each list are kept.
 */
export function compareContent(
  path: string,
  before: Buffer,
  after: Buffer,
  limit: number,
): ContentDifference {
  return compareLibraries(before, after, limit) ?? compareSingle(path, before, after, limit);
}

function compareSingle(
  path: string,
  before: Buffer,
  after: Buffer,
  limit: number,
): ContentDifference {
  return (
    compareIfElf(before, after, limit) ??
    compareTexts(path, before, after, limit) ?? {
      kind: 'bytes',
      firstOffset: firstDifference(before, after),
    }
  );
}

function compareIfElf(before: Buffer, after: Buffer, limit: number): ElfDifference | undefined {
  const areElf = isElf(elfBytesOf(before)) && isElf(elfBytesOf(after));
  return areElf ? compareElf(before, after, limit) : undefined;
}

function compareTexts(
  path: string,
  before: Buffer,
  after: Buffer,
  limit: number,
): JsonDifference | TextDifference | undefined {
  const [old, now] = [asText(before), asText(after)];
  if (old === undefined || now === undefined) return undefined;
  const json = path.endsWith('.json') ? compareJson(old, now, limit) : undefined;
  // Equal values in another form are a difference of the text.
  if (json !== undefined && json.changes.items.length > 0) return json;
  return compareText(old, now, limit);
}

function compareLibraries(
  before: Buffer,
  after: Buffer,
  limit: number,
): LibraryDifference | undefined {
  const [old, now] = [readStaticLibrary(before), readStaticLibrary(after)];
  if (old === undefined || now === undefined) return undefined;
  const [oldByName, nowByName] = [byName(old), byName(now)];
  const changed = [...oldByName].flatMap(([name, content]) => {
    const other = nowByName.get(name);
    return other === undefined || content.equals(other) ? [] : [{name, content, other}];
  });
  return {
    kind: 'static library',
    members: compareNames(oldByName.keys(), nowByName.keys(), limit),
    changed: {
      items: changed.slice(0, limit).map(({name, content, other}) => ({
        name,
        // A library in a library is compared as bytes: nothing real has one.
        difference: compareSingle(name, content, other, limit),
      })),
      omitted: capped(changed, limit).omitted,
    },
  };
}

/** Several members may have one name: `x.o`, `x.o#2`. */
function byName(members: readonly LibraryMember[]): ReadonlyMap<string, Buffer> {
  const contents = new Map<string, Buffer>();
  for (const {name, content} of members) {
    let unique = name;
    for (let count = 2; contents.has(unique); count += 1) unique = `${name}#${count}`;
    contents.set(unique, content);
  }
  return contents;
}

function firstDifference(before: Buffer, after: Buffer): number {
  const length = Math.min(before.length, after.length);
  const block = 1 << 16;
  for (let at = 0; at < length; at += block) {
    const end = Math.min(at + block, length);
    if (before.subarray(at, end).equals(after.subarray(at, end))) continue;
    for (let byte = at; byte < end; byte += 1) if (before[byte] !== after[byte]) return byte;
  }
  return length;
}
