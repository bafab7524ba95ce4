import path from 'node:path';
import {compareCodeUnits} from '../core/digest.js';

/** A file or link of the tree that becomes an archive; directories are not members. */
export interface TreeEntry {
  /** Relative to the tree, `python/install/bin/python3`. */
  readonly path: string;
  /** The target of a symbolic link, as written; `undefined` for a file. */
  readonly linkTarget: string | undefined;
}

/** What an install-only archive leaves out. Paths are relative to `python/`, as in PYTHON.json. */
export interface InstallOnlyExclusions {
  /** `install/lib/python3.14`: the packages of `testPackages` lie below it. */
  readonly standardLibrary: string;
  /** Dotted names of the standard library's test packages. */
  readonly testPackages: readonly string[];
  /** Shared libraries of test extension modules. */
  readonly testExtensions: readonly string[];
}

const readFirst = 'python/PYTHON.json';

/** The members of the full archive: PYTHON.json first, then by code unit. */
export function fullMembers(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const members = entries
    .filter((entry) => entry.path.startsWith('python/'))
    .toSorted((left, right) => compareCodeUnits(left.path, right.path));
  const first = members.filter((entry) => entry.path === readFirst);
  return [...first, ...members.filter((entry) => entry.path !== readFirst)];
}

/** The members of the install-only archive, by code unit, with the paths that they have in the tree. */
export function installOnlyMembers(
  entries: readonly TreeEntry[],
  exclusions: InstallOnlyExclusions,
): readonly TreeEntry[] {
  const testDirectories = exclusions.testPackages.map(
    (name) => `python/${exclusions.standardLibrary}/${name.replaceAll('.', '/')}/`,
  );
  const testExtensions = new Set(exclusions.testExtensions.map((name) => `python/${name}`));
  return fullMembers(entries).filter(
    (entry) =>
      entry.path.startsWith('python/install/') &&
      !(entry.path.includes('/libpython') && entry.path.endsWith('.a')) &&
      !testExtensions.has(entry.path) &&
      !testDirectories.some((directory) => entry.path.startsWith(directory)),
  );
}

/** Where the built tree has the forms of files that archives for installers hold in place of those in `python/install/`. */
export const ownForms = 'install_only/';

/** The members of the install-only archive as the built tree names them, with the own forms of files. */
export function withOwnForms(
  members: readonly TreeEntry[],
  entries: readonly TreeEntry[],
): readonly TreeEntry[] {
  const own = new Map(
    entries
      .filter((entry) => entry.path.startsWith(ownForms))
      .map((entry) => [`python/install/${entry.path.slice(ownForms.length)}`, entry]),
  );
  return members.map((member) => own.get(member.path) ?? member);
}

const topLevel = /^python\/(?:PYTHON\.json$|build\/|install\/|licenses\/)/;

/**
 * The rules that clients enforce, one line per violation: only the four known names in `python/`; links relative,
 * inside the archive and not dangling; no compiled files; names that fit a ustar header.
 */
export function memberProblems(members: readonly TreeEntry[]): readonly string[] {
  const known = new Set<string>();
  for (const {path: member} of members) {
    known.add(member);
    for (let up = path.posix.dirname(member); up !== '.'; up = path.posix.dirname(up)) {
      if (known.has(up)) break;
      known.add(up);
    }
  }
  return members.flatMap((entry) => [
    ...(topLevel.test(entry.path) ? [] : [`${entry.path}: clients do not accept it`]),
    ...(entry.path.includes('/__pycache__/') ? [`${entry.path}: a compiled file`] : []),
    ...(isUstarName(entry.path) ? [] : [`${entry.path}: the name is too long for a ustar header`]),
    ...linkProblems(entry, known),
  ]);
}

function linkProblems(
  {path: member, linkTarget}: TreeEntry,
  known: ReadonlySet<string>,
): readonly string[] {
  if (linkTarget === undefined) return [];
  const arrow = `${member} -> ${linkTarget}`;
  if (path.posix.isAbsolute(linkTarget)) return [`${arrow}: the link is absolute`];
  if (Buffer.byteLength(linkTarget) > 100) return [`${arrow}: too long for a ustar header`];
  const target = path.posix.join(path.posix.dirname(member), linkTarget).replace(/\/$/, '');
  if (!target.startsWith('python/')) return [`${arrow}: the link leaves the archive`];
  return known.has(target) ? [] : [`${arrow}: the archive does not hold its target`];
}

/** Whether a ustar header holds a name: 100 bytes, or a prefix of at most 155 and a name of at most 100, split at a slash. */
export function isUstarName(name: string): boolean {
  const bytes = Buffer.from(name);
  if (bytes.length <= 100) return true;
  const slash = bytes.indexOf(0x2f, bytes.length - 101);
  return slash > 0 && slash <= 155 && slash < bytes.length - 1;
}

/** A member list as tar's `--null --files-from` reads it. */
export function formatMemberList(members: readonly TreeEntry[]): string {
  return members.map((entry) => `${entry.path}\0`).join('');
}
