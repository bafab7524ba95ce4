import {readArMembers, isAr, type ArMember} from '../../elf/ar-archive.js';
import {ElfFormatError, isElf, type ElfBytes} from '../../elf/elf-bytes.js';
import {capped, compareNames, type Capped, type NameChanges} from './capped.js';
import {compareElf, type ElfDifference} from './elf-difference.js';
import {compareJson, type JsonDifference} from './json-difference.js';
import {firstDifference} from './first-difference.js';
import {asText, compareText, type TextDifference} from './text-difference.js';

/** How two static libraries differ. */
export interface LibraryDifference {
  readonly kind: 'static library';
  readonly members: NameChanges | undefined;
  readonly changed: Capped<{readonly name: string; readonly difference: ContentDifference}>;
}

/** How files of any other kind differ. */
export interface BytesDifference {
  readonly kind: 'bytes';
  /** Of the first byte that differs, or where the shorter file ends. */
  readonly firstOffset: number;
}

/** How the contents of two files differ. */
export type ContentDifference =
  ElfDifference | LibraryDifference | JsonDifference | TextDifference | BytesDifference;

/**
 * Compares two different contents according to their type.
 * @param limit how many items of each list are kept.
 */
export function compareContent(
  path: string,
  before: ElfBytes,
  after: ElfBytes,
  limit: number,
): ContentDifference {
  return compareLibraries(before, after, limit) ?? compareSingle(path, before, after, limit);
}

function compareSingle(
  path: string,
  before: ElfBytes,
  after: ElfBytes,
  limit: number,
): ContentDifference {
  return (
    compareIfElf(before, after, limit) ??
    compareTexts(path, before, after, limit) ?? {
      kind: 'bytes',
      firstOffset: firstDifference(before, after) ?? before.sizeBytes,
    }
  );
}

function compareIfElf(before: ElfBytes, after: ElfBytes, limit: number): ElfDifference | undefined {
  const areElf = isElf(before) && isElf(after);
  return areElf ? compareElf(before, after, limit) : undefined;
}

function compareTexts(
  path: string,
  before: ElfBytes,
  after: ElfBytes,
  limit: number,
): JsonDifference | TextDifference | undefined {
  const [old, now] = [asText(before), asText(after)];
  if (old === undefined || now === undefined) return undefined;
  const json = path.endsWith('.json') ? compareJson(old, now, limit) : undefined;
  // Equal values that are formatted differently count as a difference of the text.
  if (json !== undefined && json.changes.items.length > 0) return json;
  return compareText(old, now, limit);
}

function compareLibraries(
  before: ElfBytes,
  after: ElfBytes,
  limit: number,
): LibraryDifference | undefined {
  const [old, now] = [membersOf(before), membersOf(after)];
  if (old === undefined || now === undefined) return undefined;
  const [oldByName, nowByName] = [byName(old), byName(now)];
  const changed = [...oldByName].flatMap(([name, content]) => {
    const other = nowByName.get(name);
    const isEqual = other === undefined || firstDifference(content, other) === undefined;
    return isEqual ? [] : [{name, content, other}];
  });
  return {
    kind: 'static library',
    members: compareNames(oldByName.keys(), nowByName.keys(), limit),
    changed: {
      items: changed.slice(0, limit).map(({name, content, other}) => ({
        name,
        // A library inside a library is compared as bytes; real files have none.
        difference: compareSingle(name, content, other, limit),
      })),
      omitted: capped(changed, limit).omitted,
    },
  };
}

/** `undefined` for other bytes and for a library that is damaged. */
function membersOf(bytes: ElfBytes): readonly ArMember[] | undefined {
  if (!isAr(bytes)) return undefined;
  try {
    return readArMembers(bytes);
  } catch (error) {
    if (error instanceof ElfFormatError) return undefined;
    throw error;
  }
}

/** Several members may have one name: `x.o`, `x.o#2`. */
function byName(members: readonly ArMember[]): ReadonlyMap<string, ElfBytes> {
  const contents = new Map<string, ElfBytes>();
  const counts = new Map<string, number>();
  for (const {name, bytes} of members) {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    contents.set(count === 1 ? name : `${name}#${count}`, bytes);
  }
  return contents;
}
