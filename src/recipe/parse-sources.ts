import {parseSha256} from '../core/digest.js';
import type {SourceSet} from '../core/target.js';
import {isQuoted, type MapReader, type TextForm} from '../data/yaml-reader.js';
import type {DebianLocation, SourcePin} from './recipe.js';

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

/** Reads `source:` (one pin for both sets) or `sources:` (one pin each). */
export function readPins(recipe: MapReader): Readonly<Record<SourceSet, SourcePin>> | undefined {
  const shared = recipe.map('source');
  const separate = recipe.map('sources');
  if (shared !== undefined && separate !== undefined) {
    recipe.report('source', 'a recipe has "source" or "sources", not both');
  }
  if (shared !== undefined) {
    const pin = readPin(shared, {url: true, debian: shared.has('debian')});
    return pin && {upstream: pin, debian: pin};
  }
  if (separate === undefined) {
    recipe.report(
      'sources',
      'the recipe lacks "source" (same bytes everywhere) or "sources" with "upstream" and "debian"',
    );
    return undefined;
  }
  const upstreamMap = requiredMap(separate, 'upstream');
  const debianMap = requiredMap(separate, 'debian');
  separate.rejectOtherKeys();
  const upstream = upstreamMap && readPin(upstreamMap, {url: true, debian: false});
  const debian = debianMap && readPin(debianMap, {url: false, debian: true});
  return upstream && debian && {upstream, debian};
}

function requiredMap(map: MapReader, key: SourceSet): MapReader | undefined {
  if (!map.has(key)) map.report(key, `"sources" lacks "${key}": every source set is pinned`);
  return map.map(key);
}

function readPin(
  map: MapReader,
  locations: {readonly url: boolean; readonly debian: boolean},
): SourcePin | undefined {
  const version = map.text('version', versionForm);
  if (version !== undefined && !isQuoted(map.take('version'))) {
    map.report('version', `"version" must be in quotes: YAML reads 3.10 as the number 3.1`);
  }
  const urls = locations.url ? readUrls(map) : [];
  const debian = locations.debian ? readDebianLocation(map) : undefined;
  const digest = map.text('sha256', sha256Form);
  const sizeBytes = map.positiveInteger('size');
  const date = map.text('date', dateForm);
  if (date !== undefined && !isDay(date)) map.report('date', `invalid date ${date}`);
  const directory = map.optionalText('directory', relativePathForm) ?? '.';
  map.rejectOtherKeys();
  const sha256 = digest === undefined ? undefined : parseSha256(digest);
  if (!version || !date || !sizeBytes || !sha256) return undefined;
  return {version, date, sha256, sizeBytes, urls, debian, directory};
}

function readUrls(map: MapReader): readonly string[] {
  if (!map.has('url')) map.report('url', `${map.title} lacks the key "url": ${urlForm.wanted}`);
  const urls = map.texts('url', urlForm);
  if (new Set(urls.map((url) => url.slice(url.lastIndexOf('/')))).size > 1) {
    map.report('url', 'every "url" must end in the same file name: it names the file below /src');
  }
  return urls;
}

function readDebianLocation(map: MapReader): DebianLocation | undefined {
  const poolPath = map.text('debian', poolPathForm);
  const suite = map.text('suite', suiteForm);
  return poolPath === undefined || suite === undefined ? undefined : {poolPath, suite};
}

function isDay(date: string): boolean {
  const time = Date.parse(date);
  // Date.parse alone accepts 2026-02-30 as the second of March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
