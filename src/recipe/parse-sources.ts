import {parseSha256} from '../core/digest.js';
import type {SourceSet} from '../core/target.js';
import {isQuoted, type MapReader, type TextForm} from '../data/yaml-reader.js';
import type {DebianLocation, Pins, SourcePin} from './recipe.js';
import {seriesOf} from '../core/variant.js';
import {fillVersion, versionPlaceholders} from './version.js';

/** The form of every sha256. */
export const sha256Form: TextForm = {
  pattern: /^[0-9a-f]{64}$/,
  wanted: 'a sha256: 64 lower-case hex digits',
};

/** A relative path that stays inside its folder. */
export const relativePathForm: TextForm = {
  pattern: /^(?!\/)(?!(.*\/)?\.\.(\/|$))[^\0\n]+$/,
  wanted: 'a relative path without ".."',
};

const versionForm: TextForm = {pattern: /^[0-9][0-9A-Za-z.+-]*$/, wanted: 'a version'};
const dateForm: TextForm = {
  pattern: /^\d{4}-\d{2}-\d{2}$/,
  wanted: 'an ISO day such as 2026-01-31',
};
const urlForm: TextForm = {pattern: /^https:\/\/\S+\/[^/\s?#]+$/, wanted: 'an https URL of a file'};
const suiteForm: TextForm = {pattern: /^[a-z][a-z-]*$/, wanted: 'the name of a Debian suite'};
const poolPathForm: TextForm = {
  pattern: /^pool\/[^\s?#]+\/[^/\s?#]+$/,
  wanted: 'a path below a Debian mirror: pool/...',
};

/**
 * Reads the pins of a recipe: `source:` (one for both sets) or `sources:` (one each). With `versions:`, each entry is such
 * a pin or has `sources:`, and the recipe's `source:` is what they have in common. None when something is wrong.
 */
export function readVersions(recipe: MapReader): readonly Pins[] {
  const source = recipe.map('source');
  if (!recipe.has('versions')) {
    const pins = readPins(recipe, {single: source, version: recipe});
    return pins === undefined ? [] : [pins];
  }
  for (const key of ['version', 'sources']) {
    if (recipe.has(key)) recipe.report(key, `"${key}" stands in each of the "versions"`);
  }
  const versions = recipe.list('versions').flatMap((node) => {
    const entry = recipe.reader.map(node, '"versions"', 'a list of pins');
    if (entry === undefined) return [];
    const single = entry.has('sources') ? undefined : entry;
    return readPins(entry, {single, version: entry, common: source}) ?? [];
  });
  source?.rejectOtherKeys();
  rejectTwins(recipe, versions);
  return versions;
}

/** A version is known by its first two numbers: stages are named after them, and people ask for them. */
function rejectTwins(recipe: MapReader, versions: readonly Pins[]): void {
  const lines = versions.map(({upstream}) => seriesOf(upstream.version));
  const twin = lines.find((name, index) => lines.indexOf(name) < index);
  if (twin !== undefined) recipe.report('versions', `"versions" has ${twin} twice`);
}

/** Where the keys of a pin may stand. */
interface PinMaps {
  /** The pin of both sets, where they share it. */
  readonly single: MapReader | undefined;
  /** Has the version of a pin that names none. */
  readonly version: MapReader;
  /** Has what a pin does not say itself. */
  readonly common?: MapReader | undefined;
}

function readPins(holder: MapReader, maps: PinMaps): Pins | undefined {
  const separate = holder.map('sources');
  if (maps.single !== undefined && separate !== undefined) {
    holder.report('source', 'a recipe has "source" or "sources", not both');
  }
  if (maps.single !== undefined) {
    const hasDebian = [maps.single, maps.common].some((map) => map?.has('debian'));
    const pin = readPin(maps.single, maps, {url: true, debian: hasDebian});
    return pin && {upstream: pin, debian: pin};
  }
  if (separate === undefined) {
    holder.report(
      'sources',
      'the recipe lacks "source" (same bytes everywhere) or "sources" with "upstream" and "debian"',
    );
    return undefined;
  }
  const upstreamMap = requiredMap(separate, 'upstream');
  const debianMap = requiredMap(separate, 'debian');
  separate.rejectOtherKeys();
  const upstream = upstreamMap && readPin(upstreamMap, maps, {url: true, debian: false});
  const debian = debianMap && readPin(debianMap, maps, {url: false, debian: true});
  return upstream && debian && {upstream, debian};
}

function requiredMap(map: MapReader, key: SourceSet): MapReader | undefined {
  if (!map.has(key)) map.report(key, `"sources" lacks "${key}": every source set is pinned`);
  return map.map(key);
}

function readPin(
  own: MapReader,
  {version: around, common}: PinMaps,
  locations: {readonly url: boolean; readonly debian: boolean},
): SourcePin | undefined {
  const holderOf = (key: string, other: MapReader | undefined): MapReader =>
    other?.has(key) === true && !own.has(key) ? other : own;
  const version = readVersion(holderOf('version', around));
  const urls = locations.url ? readUrls(holderOf('url', common), version) : [];
  const debian = locations.debian
    ? readDebianLocation(holderOf('debian', common), holderOf('suite', common), version)
    : undefined;
  const digest = own.text('sha256', sha256Form);
  const sizeBytes = own.positiveInteger('size');
  const date = own.text('date', dateForm);
  if (date !== undefined && !isDay(date)) own.report('date', `invalid date ${date}`);
  const directory =
    holderOf('directory', common).optionalText('directory', relativePathForm) ?? '.';
  const isUnverified = own.optionalBoolean('unverified') ?? false;
  own.rejectOtherKeys();
  const sha256 = digest === undefined ? undefined : parseSha256(digest);
  if (!version || !date || !sizeBytes || !sha256) return undefined;
  return {version, date, sha256, sizeBytes, urls, debian, directory, isUnverified};
}

function readVersion(map: MapReader): string | undefined {
  const version = map.text('version', versionForm);
  if (version !== undefined && !isQuoted(map.take('version'))) {
    map.report('version', `"version" must be in quotes: YAML reads 3.10 as the number 3.1`);
  }
  return version;
}

function readUrls(map: MapReader, version: string | undefined): readonly string[] {
  if (!map.has('url')) map.report('url', `${map.title} lacks the key "url": ${urlForm.wanted}`);
  const urls = map.list('url').flatMap((node) => {
    const url = map.reader.text(node, '"url"', urlForm);
    return url === undefined ? [] : (fill(map, node, url, version) ?? []);
  });
  if (new Set(urls.map((url) => url.slice(url.lastIndexOf('/')))).size > 1) {
    map.report('url', 'every "url" must end in the same file name: it names the file below /src');
  }
  return urls;
}

function readDebianLocation(
  map: MapReader,
  suiteMap: MapReader,
  version: string | undefined,
): DebianLocation | undefined {
  const text = map.text('debian', poolPathForm);
  const poolPath = text && fill(map, map.take('debian'), text, version);
  const suite = suiteMap.text('suite', suiteForm);
  return poolPath === undefined || suite === undefined ? undefined : {poolPath, suite};
}

/** The text with the version's parts; a version that is missing was reported already. */
function fill(
  {reader}: MapReader,
  node: unknown,
  text: string,
  version: string | undefined,
): string | undefined {
  if (version === undefined) return undefined;
  const filled = fillVersion(text, version);
  if (filled === undefined) {
    const known = versionPlaceholders.join(', ');
    reader.report(node, `${text} names a part that ${version} does not have; known: ${known}`);
  }
  return filled;
}

function isDay(date: string): boolean {
  const time = Date.parse(date);
  // Date.parse alone accepts 2026-02-30 as the second of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
