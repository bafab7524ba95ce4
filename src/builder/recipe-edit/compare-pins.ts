import {seriesOf} from '../../core/variant.js';
import {YamlText} from '../../data/edit-yaml.js';
import {compareDebianVersions} from '../../debian/debian-version.js';
import {sourcePackageOf} from '../../debian/source-index.js';
import {archivedVersion, upstreamForm} from '../../debian/source-version.js';
import {HttpClient} from '../../fetch/http-client.js';
import {listingOf, listVersions, type ListedVersions} from '../../fetch/list-versions.js';
import type {RecipeReading} from '../read-recipes.js';
import type {SuiteSource} from './debian-suites.js';
import {placePins, templatesOf, type PlacedPins} from './pin-places.js';

/** A version, and the suites or the page that have it. */
export interface FoundVersion {
  readonly version: string;
  readonly where: readonly string[];
}

/** How a pin of upstream's compares with what upstream lists. */
export interface UpstreamComparison {
  readonly pinned: string;
  readonly newest?: FoundVersion;
  readonly isOutdated: boolean;
  /** Why nothing is known: what each host answered. */
  readonly problems?: readonly string[];
}

/** How a pin of Debian's compares with its source package in the suites. */
export interface DebianComparison {
  readonly pinned: string;
  readonly package: string;
  /** The newest version of each suite that has a newer one, the newest of all last. */
  readonly newer: readonly FoundVersion[];
  readonly newest?: FoundVersion;
  readonly isOutdated: boolean;
  /** Whether a suite still has the pinned file. */
  readonly isListed: boolean;
}

/** A version of a recipe, compared. */
export interface ComparedPins {
  readonly recipe: string;
  readonly upstream: UpstreamComparison;
  /** Missing if the version is not in Debian. */
  readonly debian?: DebianComparison;
}

/** The versions that pins are compared with. */
export interface Findings {
  readonly sources: Promise<readonly SuiteSource[]>;
  /** What upstream lists, by the URL template and the pinned version. */
  upstream(template: string, version: string): Promise<ListedVersions>;
}

/** Compares every pin of a recipe. */
export async function comparePins(
  {name, text: written, folder}: RecipeReading,
  findings: Findings,
): Promise<readonly ComparedPins[]> {
  if (folder === undefined) return [];
  const text = new YamlText(written);
  const entries = placePins(folder.recipe, text);
  return Promise.all(
    entries.map(async (entry) => {
      const upstream = await compareUpstream(entry, entries.length > 1, text, findings);
      const debian = compareDebian(entry, await findings.sources);
      return {recipe: name, upstream, ...(debian && {debian})};
    }),
  );
}

/** The source packages that recipes take their archives from. */
export function sourcePackages(recipes: readonly RecipeReading[]): ReadonlySet<string> {
  const pins = recipes.flatMap(({folder}) => folder?.recipe.versions ?? []);
  return new Set(
    pins.flatMap(({debian: {debian}}) => (debian ? [sourcePackageOf(debian.poolPath)] : [])),
  );
}

function compareDebian(
  {pins: {debian: pin}}: PlacedPins,
  sources: readonly SuiteSource[],
): DebianComparison | undefined {
  if (pin.debian === undefined) return undefined;
  const {poolPath} = pin.debian;
  const pinned = archivedVersion(poolPath);
  const ofPackage = sources.filter((source) => source.package === sourcePackageOf(poolPath));
  const known = {archived: pinned, version: pin.version};
  const found = newestOfSuites(ofPackage);
  const newest = found.at(-1);
  const newer = found.filter(({version}) => compareDebianVersions(version, pinned) > 0);
  const told = ({version, where}: FoundVersion): FoundVersion => ({
    version: upstreamForm(version, known),
    where,
  });
  return {
    pinned: pin.version,
    package: sourcePackageOf(poolPath),
    newer: newer.map(told),
    ...(newest && {newest: told(newest)}),
    isOutdated: newer.length > 0,
    isListed: ofPackage.some(({sha256}) => sha256 === pin.sha256),
  };
}

/** The newest version of each suite, with the suites that have the same one; the newest of all last. */
export function newestOfSuites(sources: readonly SuiteSource[]): readonly FoundVersion[] {
  const bySuite = new Map<string, string>();
  for (const {suite, version} of sources) {
    const other = bySuite.get(suite);
    if (other === undefined || compareDebianVersions(other, version) < 0) {
      bySuite.set(suite, version);
    }
  }
  return [...new Set(bySuite.values())].sort(compareDebianVersions).map((version) => ({
    version,
    where: [...bySuite].filter(([, newest]) => newest === version).map(([suite]) => suite),
  }));
}

async function compareUpstream(
  {pins, placed}: PlacedPins,
  hasSeries: boolean,
  text: YamlText,
  findings: Findings,
): Promise<UpstreamComparison> {
  const {version: pinned} = pins.upstream;
  const templates = placed.flatMap((pin) => templatesOf('url', pin, text));
  const problems: string[] = [];
  for (const template of templates) {
    const listed = await findings.upstream(template, pinned);
    if (listed.kind === 'failed') {
      if (!problems.includes(listed.reason)) problems.push(listed.reason);
      continue;
    }
    const version = listed.versions.findLast((each) => isSuccessor(each, pinned, hasSeries));
    if (version === undefined) {
      problems.push(`no page of ${new URL(template).host} lists ${pinned} or what follows it`);
      continue;
    }
    const where = [listingOf(template, pinned)?.url ?? template];
    const isOutdated = compareDebianVersions(version, pinned) > 0;
    return {pinned, newest: {version, where}, isOutdated};
  }
  return {pinned, isOutdated: false, problems};
}

/** Whether a version may follow a pinned one: a release unless that is none, and of its series if others are pinned too. */
function isSuccessor(version: string, pinned: string, hasSeries: boolean): boolean {
  const isRelease = (text: string): boolean => !/[a-z]/i.test(text);
  if (isRelease(pinned) && !isRelease(version)) return false;
  return !hasSeries || seriesOf(version) === seriesOf(pinned);
}

/** Asks upstream's hosts, each page once. Offline it asks nobody. */
export function openUpstream({
  isOffline,
  signal,
}: {
  readonly isOffline: boolean;
  readonly signal: AbortSignal;
}): AsyncDisposable & {readonly ask: Findings['upstream']} {
  const timeouts = {connectTimeoutMs: 10_000, stallTimeoutMs: 10_000};
  const client = new HttpClient({...timeouts, slowest: {bytes: 1 << 10, withinMs: 10_000}});
  const asked = new Map<string, Promise<ListedVersions>>();
  const ask = (template: string, version: string): Promise<ListedVersions> => {
    if (isOffline) return Promise.resolve({kind: 'failed', reason: 'not asked: --offline'});
    const listing = listingOf(template, version);
    if (listing === undefined) {
      return Promise.resolve({kind: 'failed', reason: `${template} has no version to look for`});
    }
    const key = `${listing.url} ${listing.link}`;
    const answer = asked.get(key) ?? listVersions(listing, client, signal);
    asked.set(key, answer);
    return answer;
  };
  return {ask, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]()};
}
