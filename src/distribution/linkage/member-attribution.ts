import type {LinkSymbols} from '../../elf/link-symbols.js';

/** A member that the linker extracted from a static library. */
export interface ExtractedMember {
  /** The library's path as given to the linker, `/deps/lib/libssl.a`. */
  readonly archive: string;
  readonly name: string;
}

/** The inputs of one program or shared library. */
export interface Link {
  /** Object files by owner: the interpreter's core, or an extension module. */
  readonly objects: ReadonlyMap<string, readonly LinkSymbols[]>;
  /** Every member extracted from static libraries. */
  readonly extracted: readonly (ExtractedMember & LinkSymbols)[];
  /** Symbols imported from shared libraries, with the library's soname. */
  readonly shared: ReadonlyMap<string, string>;
}

/** What one owner pulls into a link, directly or through its libraries. */
export interface LinkNeeds {
  readonly members: ReadonlySet<ExtractedMember>;
  /** Sonames of shared libraries, each with the first symbol needed from it. */
  readonly sharedLibraries: ReadonlyMap<string, string>;
  /** Other owners whose objects it refers to, each with the first symbol. */
  readonly owners: ReadonlyMap<string, string>;
}

/**
 * Attributes each archive member to the module that pulled it in: follows undefined symbols from each owner's objects
 * through the extracted members, as the linker did.
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

/** Symbol to its definition; the first one counts, as for a linker. */
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
