import path from 'node:path';
import {readInTree, TreeFileError, type Tree} from '../../core/tree-file.js';
import {readArMembers} from '../../elf/ar-archive.js';
import {readElf} from '../../elf/elf-file.js';
import {readDynamicSymbols} from '../../elf/elf-symbols.js';
import {readLinkSymbols} from '../../elf/link-symbols.js';
import type {LinkSymbols} from '../../elf/link-symbols.js';
import {attributeLink} from './member-attribution.js';
import type {ExtractedMember, Link, LinkNeeds} from './member-attribution.js';
import {DistributionError} from '../distribution-error.js';
import {withFileBytes} from '../file-bytes.js';
import {parseLinkRecord} from './linker-record.js';

/** The owner of objects that belong to no extension module. */
export const coreOwner = 'core';

/** Where the parts of a built interpreter are. */
export interface LinkInputs {
  /** The cpython artifact. */
  readonly cpython: Tree;
  /** The sysroot that it was linked against. */
  readonly sysroot: Tree;
  /** The C library, relative to the sysroot. */
  readonly cLibrary: string;
  readonly links: readonly LinkedFile[];
  /** Records of other links of the same objects. */
  readonly otherRecords: readonly string[];
}

/** A program or shared library of the distribution, with its objects. */
export interface LinkedFile {
  /** Relative to `python/`. */
  readonly path: string;
  /** The name of the linker's record in `meta/linked-members/`, without `.tsv`. */
  readonly record: string;
  /** Object files by owner, relative to the build directory. */
  readonly objects: ReadonlyMap<string, readonly string[]>;
}

/** The attribution over all links. */
export interface Attribution {
  /** By owner: `core` and each extension module that has objects. */
  readonly needs: ReadonlyMap<string, LinkNeeds>;
  /** Everything that the linker extracted from static libraries. */
  readonly extracted: readonly ExtractedMember[];
}

/**
 * Attributes every part of the links to the core or to an extension module, using the symbols of the linked files and
 * the linker's record. Throws `DistributionError` if these two contradict each other.
 */
export function readLinks(inputs: LinkInputs): Attribution {
  const inCLibrary = cLibrarySymbols(inputs);
  const needs = new Map<string, LinkNeeds>();
  const extracted: ExtractedMember[] = [];
  for (const file of inputs.links) {
    const link: Link = {
      objects: new Map(
        [...file.objects].map(([owner, paths]) => [
          owner,
          paths.map((object) => objectSymbols(inputs, object)),
        ]),
      ),
      extracted: extractedSymbols(inputs, readRecord(inputs, file.record)),
      shared: sharedSymbols(inputs, file.path, inCLibrary),
    };
    const found = attributeLink(link);
    refuseOrphans(file, link, found);
    for (const [owner, need] of found) needs.set(owner, need);
    extracted.push(...link.extracted.map(({archive, name}) => ({archive, name})));
  }
  for (const record of inputs.otherRecords) extracted.push(...readRecord(inputs, record));
  return {needs, extracted};
}

/**
 * The object file of CPython that a member of one of its own archives was copied from, relative to the build directory;
 * `undefined` for members of other libraries.
 */
export function ownObjectOf({archive, name}: ExtractedMember): string | undefined {
  return archive.startsWith('/') ? undefined : path.posix.join(path.posix.dirname(archive), name);
}

function readRecord({cpython}: LinkInputs, record: string): readonly ExtractedMember[] {
  const file = `meta/linked-members/${record}.tsv`;
  try {
    return parseLinkRecord(readInTree(cpython, file).toString());
  } catch (error) {
    if (!(error instanceof TreeFileError && error.isMissing)) throw error;
    throw new DistributionError([`the build kept no record of the link of ${record} (${file})`]);
  }
}

function objectSymbols({cpython}: LinkInputs, object: string): LinkSymbols {
  const file = `python/build/${object}`;
  return withFileBytes({tree: cpython, file, label: file}, (bytes) =>
    readLinkSymbols(readElf(bytes)),
  );
}

function extractedSymbols(
  inputs: LinkInputs,
  members: readonly ExtractedMember[],
): readonly (ExtractedMember & LinkSymbols)[] {
  const archives = new Map<string, Set<string>>();
  const own: (ExtractedMember & LinkSymbols)[] = [];
  for (const member of members) {
    const object = ownObjectOf(member);
    if (object !== undefined) own.push({...member, ...objectSymbols(inputs, object)});
    else {
      const names = archives.get(member.archive) ?? new Set();
      archives.set(member.archive, names.add(member.name));
    }
  }
  const others = [...archives].flatMap(([archive, names]) =>
    archiveSymbols(inputs, archive, names),
  );
  return [...own, ...others];
}

function archiveSymbols(
  {cpython, sysroot}: LinkInputs,
  archive: string,
  wanted: ReadonlySet<string>,
): readonly (ExtractedMember & LinkSymbols)[] {
  const place = archive.startsWith('/sysroot/')
    ? {tree: sysroot, file: archive.slice('/sysroot/'.length)}
    : {tree: cpython, file: `python/build/lib/${path.posix.basename(archive)}`};
  return withFileBytes({...place, label: archive}, (bytes) =>
    readArMembers(bytes)
      .filter(({name}) => wanted.has(name))
      .map(({name, bytes: member}) => ({archive, name, ...readLinkSymbols(readElf(member))})),
  );
}

/**
 * The symbols that a file imports from system libraries. Symbols that the C library has too are attributed to it: older
 * glibc repeats `read` and others in libpthread, and the linker picks by order.
 */
function sharedSymbols(
  {cpython}: LinkInputs,
  file: string,
  inCLibrary: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const symbols = withFileBytes({tree: cpython, file: `python/${file}`, label: file}, (bytes) =>
    readDynamicSymbols(readElf(bytes)),
  );
  return new Map(
    symbols.flatMap(({name, version}) =>
      version?.library === undefined || inCLibrary.has(name) ? [] : [[name, version.library]],
    ),
  );
}

function cLibrarySymbols({sysroot, cLibrary}: LinkInputs): ReadonlySet<string> {
  const symbols = withFileBytes({tree: sysroot, file: cLibrary, label: cLibrary}, (bytes) =>
    readDynamicSymbols(readElf(bytes)),
  );
  return new Set(
    symbols.flatMap(({name, isDefined, version}) =>
      isDefined && version?.isDefault === true ? [name] : [],
    ),
  );
}

/** What the start files need is attributed to no module. */
function refuseOrphans(
  {path: linked}: LinkedFile,
  {extracted}: Link,
  needs: ReadonlyMap<string, LinkNeeds>,
): void {
  const reached = new Set([...needs.values()].flatMap(({members}) => [...members]));
  const orphans = extracted.filter(
    (member) => !reached.has(member) && !member.archive.startsWith('/sysroot/'),
  );
  if (orphans.length === 0) return;
  throw new DistributionError(
    orphans.map(
      ({archive, name}) =>
        `${linked}: the linker took ${name} out of ${archive}, but no object of the distribution needs it`,
    ),
  );
}
