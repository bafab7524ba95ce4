import type {LinkSymbols} from '../../elf/link-symbols.js';

/** A file that the linker took out of a static library. */
export interface ExtractedMember {
  /** The library's path as the linker had it, `/deps/lib/libssl.a`. */
  readonly archive: string;
  readonly name: string;
}

/** What was joined into one program or shared library. */
export interface Link {
  /** Object files by what they belong to: the interpreter's core, or an extension module. */
  readonly objects: ReadonlyMap<string, readonly LinkSymbols[]>;
  /** Everything that came out of static libraries. */
  readonly extracted: readonly (ExtractedMember & LinkSymbols)[];
  /** Symbols that the result takes from shared libraries, with the library's soname. */
  readonly shared: ReadonlyMap<string, string>;
}

/** What one owner of objects brings into a link, all that its libraries need in turn included. */
export interface LinkNeeds {
  readonly members: ReadonlySet<ExtractedMember>;
  /** Sonames of shared libraries, each with the first symbol that it is needed for. */
  readonly sharedLibraries: ReadonlyMap<string, string>;
  /** Other owners whose objects it refers to, each with the first symbol. */
  readonly owners: ReadonlyMap<string, string>;
}

/**
 * Says for whose sake each part of a link is there: follows the symbols of each owner's objects into the members of
 * static libraries that the linker really took, and from there on, as the linker did.
 */
export function attributeLink(link: Link): ReadonlyMap<string, LinkNeeds> {
  const ownerOf = definers([...link.objects]);
  const memberOf = definers(link.extracted.map((member) => [member, [member]] as const));
  const needsOf = (owner: string, objects: readonly LinkSymbols[]): LinkNeeds => {
    const members = new Set<ExtractedMember>();
    const sharedLibraries = new Map<string, string>();
    const owners = new Map<string, string>();
    const open = [...objects];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      for (const symbol of file.wanted) {
        const other = ownerOf.get(symbol);
        const member = memberOf.get(symbol);
        const library = link.shared.get(symbol);
        if (other !== undefined) {
          if (other !== owner) addFirst(owners, other, symbol);
        } else if (member !== undefined) {
          if (!members.has(member)) open.push(member);
          members.add(member);
        } else if (library !== undefined) addFirst(sharedLibraries, library, symbol);
      }
    }
    return {members, sharedLibraries, owners};
  };
  return new Map([...link.objects].map(([owner, files]) => [owner, needsOf(owner, files)]));
}

/** Symbol to who defines it; the first one counts, as it does for a linker. */
function definers<T>(
  files: readonly (readonly [T, readonly LinkSymbols[]])[],
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const [definer, parts] of files) {
    for (const {defined} of parts) {
      for (const symbol of defined) addFirst(found, symbol, definer);
    }
  }
  return found;
}

function addFirst<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (!map.has(key)) map.set(key, value);
}
