import path from 'node:path';
import type {ImageDefinition} from './image-definition.js';

/** The part of an image's definition that decides where entries of packages go. */
export type PathRules = Pick<ImageDefinition, 'kind' | 'usr' | 'exclude'>;

/** Maps an entry of a package to a path below the image's root without a leading slash, or to nowhere. */
export type Placement = (entryName: string) => string | undefined;

/** The names at the root that a merged-usr suite has as links into `usr`. */
export const mergedNames: readonly string[] = ['bin', 'lib', 'lib64', 'sbin'];

const otherMergedNames: readonly string[] = ['lib32', 'libx32', 'libo32'];

/** The folders that a sysroot keeps. */
const sysrootFolders: readonly string[] = ['lib', 'lib64', 'usr/include', 'usr/lib'];

/**
 * Compiles an image's rules into the function that places entries. The function returns `undefined` for the root itself
 * and for excluded paths.
 * @throws RangeError (from the returned function) for an absolute name or one outside the root.
 */
export function compilePlacement(rules: PathRules): Placement {
  const isExcluded = compilePatterns(rules.exclude);
  return (entryName) => {
    const canonical = canonicalise(entryName, rules.usr);
    if (canonical === '' || isExcluded(canonical)) return undefined;
    if (rules.kind === 'sysroot' && !isOfSysroot(canonical)) return undefined;
    return canonical;
  };
}

/**
 * Canonical form of a path in an image: no `.`, no doubled slash, and `lib/x` as `usr/lib/x` where the suite merges
 * them.
 * @throws RangeError when the path is absolute, contains `..` or cannot be a file name.
 */
export function canonicalise(name: string, usr: ImageDefinition['usr']): string {
  if (name.startsWith('/')) throw new RangeError('the path is absolute');
  // A replacement character means invalid UTF-8; the name on disk would differ.
  if (/[\0\ufffd]/.test(name)) throw new RangeError('the path cannot be the name of a file');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new RangeError('the path leaves the root');
  const first = parts[0];
  const isMerged =
    usr === 'merged' &&
    first !== undefined &&
    (mergedNames.includes(first) || otherMergedNames.includes(first));
  return (isMerged ? ['usr', ...parts] : parts).join('/');
}

/** The target that is written for a link. Links of a sysroot are relative, because it is never mounted as the root. */
export function linkTarget(linkPath: string, target: string, rules: PathRules): string {
  if (rules.kind !== 'sysroot' || !target.startsWith('/')) return target;
  const canonical = canonicalise(target.slice(1), rules.usr);
  return path.posix.relative(path.posix.dirname(linkPath), canonical) || '.';
}

/**
 * `*` and `?` stay within one name, `**` spans folders; a pattern that matches a folder matches everything below it.
 */
export function compilePatterns(patterns: readonly string[]): (canonicalPath: string) => boolean {
  if (patterns.length === 0) return () => false;
  const expression = new RegExp(`^(?:${patterns.map(patternSource).join('|')})(?:/|$)`);
  return (canonicalPath) => expression.test(canonicalPath);
}

function patternSource(pattern: string): string {
  return pattern.replaceAll(/\*\*\/|\*\*|[*?]|[^\w/-]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return `\\${token}`;
  });
}

function isOfSysroot(canonicalPath: string): boolean {
  return sysrootFolders.some(
    (folder) =>
      canonicalPath === folder ||
      canonicalPath.startsWith(`${folder}/`) ||
      folder.startsWith(`${canonicalPath}/`),
  );
}
