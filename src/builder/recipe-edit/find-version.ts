import {compareDebianVersions} from '../../debian/debian-version.js';
import {isSameVersion} from '../../debian/source-version.js';
import {newestOfSuites} from './compare-pins.js';
import type {SuiteSource, SuiteSources} from './debian-suites.js';

/** The archives of a version in Debian's suites, all of the same bytes, the preferred suite first; or why there are none. */
export type DebianVersion =
  | {readonly kind: 'listed'; readonly sources: readonly [SuiteSource, ...SuiteSource[]]}
  | {readonly kind: 'left'; readonly reason: string};

/** Looks a version up in the signed indexes. @param preferred the suite to take it from, if that has it. */
export function findVersion(
  packages: readonly string[],
  version: string,
  {suites, sources}: SuiteSources,
  preferred?: string,
): DebianVersion {
  const ofPackages = sources.filter((source) => packages.includes(source.package));
  const named = ofPackages.filter((source) => isSameVersion(source.version, version));
  const [first] = [...named].sort(
    (left, right) => Number(right.suite === preferred) - Number(left.suite === preferred),
  );
  if (first !== undefined) {
    const others = named.filter((other) => other !== first && other.sha256 === first.sha256);
    return {kind: 'listed', sources: [first, ...others]};
  }
  const unread = suites.filter(({problem}) => problem !== undefined);
  const [{problem: firstProblem = ''} = {}] = unread;
  if (unread.length === suites.length) {
    return {kind: 'left', reason: `no suite of Debian could be read: ${firstProblem}`};
  }
  const title = packages.join(', ');
  const newest = newestOfSuites(ofPackages).map(
    (each) => `${each.version} ${each.where.join(' ')}`,
  );
  const found =
    newest.length === 0
      ? `no suite of Debian has the source package ${title}`
      : `no suite of Debian has ${title} ${version}; the newest are ${newest.join(', ')}`;
  const missing = unread.map(({suite}) => suite).join(', ');
  return {
    kind: 'left',
    reason: missing === '' ? found : `${found}; ${missing} could not be read: ${firstProblem}`,
  };
}

/** A version of upstream's in Debian's form, for comparison: a pre-release sorts before its release. */
export function compareVersions(left: string, right: string): number {
  const asDebian = (text: string): string => text.replace(/(?<=\d)(?=(?:a|b|rc)\d+$)/, '~');
  return compareDebianVersions(asDebian(left), asDebian(right));
}
