import path from 'node:path';
import {compareCodeUnits} from '../../core/digest.js';
import type {ExtractedMember, LinkNeeds} from './member-attribution.js';
import {unique, type ModuleObjects} from './makefile-modules.js';
import {coreOwner, ownObjectOf} from './built-links.js';

/** What was actually linked for the interpreter's core or for one extension module. */
export interface LinkedPart {
  /** Object files of its own, relative to the build directory. An object of several parts belongs to the core. */
  readonly objects: readonly string[];
  /** All objects of CPython that it uses beyond the core's: its own, and shared ones. */
  readonly usedObjects: readonly string[];
  /** Static libraries of the distribution (`ssl` for `libssl.a`), by code unit. */
  readonly libraries: readonly string[];
  /** Libraries of the system beyond the C library itself (`m`), by code unit. */
  readonly systemLibraries: readonly string[];
  /** Other extension modules whose objects it refers to, each with the first symbol. */
  readonly modules: ReadonlyMap<string, string>;
}

/** The parts of a build by owner: `core` and the name of each extension module that has objects. */
export function linkedParts(
  coreObjects: readonly string[],
  modules: readonly ModuleObjects[],
  needs: ReadonlyMap<string, LinkNeeds>,
): ReadonlyMap<string, LinkedPart> {
  const named = new Map([
    [coreOwner, coreObjects],
    ...modules.map(({name, objects}) => [name, objects] as const),
  ]);
  const used = new Map(
    [...named].map(([owner, objects]) => {
      const members = [...(needs.get(owner)?.members ?? [])];
      return [owner, unique([...objects, ...members.flatMap((m) => ownObjectOf(m) ?? [])])];
    }),
  );
  const users = new Map<string, number>();
  for (const object of [...used.values()].flat()) users.set(object, (users.get(object) ?? 0) + 1);
  const shared = [...users].filter(([, count]) => count > 1).map(([object]) => object);
  return new Map(
    [...used].map(([owner, usedObjects]) => [
      owner,
      {
        ...partOf(needs.get(owner), named),
        usedObjects,
        objects:
          owner === coreOwner
            ? unique([...usedObjects, ...shared.toSorted(compareCodeUnits)])
            : usedObjects.filter((object) => users.get(object) === 1),
      },
    ]),
  );
}

function partOf(
  needs: LinkNeeds | undefined,
  owners: ReadonlyMap<string, unknown>,
): Pick<LinkedPart, 'libraries' | 'systemLibraries' | 'modules'> {
  const libraries = [...(needs?.members ?? [])].flatMap((member) => libraryOf(member) ?? []);
  const sonames = [...(needs?.sharedLibraries.keys() ?? [])];
  return {
    libraries: unique(libraries).toSorted(compareCodeUnits),
    systemLibraries: unique(sonames.flatMap(systemLibraryOf)).toSorted(compareCodeUnits),
    modules: new Map(
      [...(needs?.owners ?? [])].filter(([owner]) => owner !== coreOwner && owners.has(owner)),
    ),
  };
}

/** What the compiler adds implicitly from the sysroot is not a named library. */
function libraryOf(member: ExtractedMember): string | undefined {
  if (ownObjectOf(member) !== undefined || member.archive.startsWith('/sysroot/')) return undefined;
  return path.posix.basename(member.archive).replace(/^lib(.+)\.a$/, '$1');
}

/** `libm.so.6` is -lm; the C library and the loader are implicit. */
function systemLibraryOf(soname: string): readonly string[] {
  const name = /^lib(.+)\.so\.\d+$/.exec(soname)?.[1];
  return name === undefined || name === 'c' ? [] : [name];
}
