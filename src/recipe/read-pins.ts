import type {Sha256} from '../core/digest.js';
import type {Report, Step} from '../data/schema.js';
import {locationForms} from './pin-schema.js';
import type {DebianLocation, Pins, SourcePin} from './recipe.js';
import {seriesOf} from '../core/variant.js';
import {fillVersion, versionPlaceholders} from './version.js';

/** The keys of a pin, as written. */
interface PinKeys {
  readonly version?: string;
  readonly url?: readonly string[];
  readonly debian?: string;
  readonly suite?: string;
  readonly 'not-in-debian'?: string;
  readonly sha256?: Sha256;
  readonly size?: number;
  readonly date?: string;
  readonly directory?: string;
  readonly unverified?: boolean;
}

interface SeparateKeys {
  readonly upstream: PinKeys;
  readonly debian: PinKeys;
}

/** The keys of a recipe that pin its sources. */
export interface PinnedKeys {
  readonly version?: string;
  readonly source?: PinKeys;
  readonly sources?: SeparateKeys;
  readonly versions?: readonly (PinKeys & {readonly sources?: SeparateKeys})[];
}

/** A map of keys, and its position. */
interface Written<T> {
  readonly keys: T;
  readonly path: readonly Step[];
}

/** Reports invalid combinations of the keys `source`, `sources`, `versions` and `version`. */
export function reportClashes(recipe: Readonly<Record<string, unknown>>, report: Report): void {
  if ('versions' in recipe) {
    for (const key of ['version', 'sources']) {
      if (key in recipe) report(`"${key}" stands in each of the "versions"`, {value: [key]});
    }
  } else if ('source' in recipe && 'sources' in recipe) {
    report('a recipe has "source" or "sources", not both', {value: ['source']});
  } else if (!('source' in recipe || 'sources' in recipe)) {
    report(
      'the recipe lacks "source" (same bytes everywhere) or "sources" with "upstream" and "debian"',
    );
  }
}

/** The pins of every version of a recipe. Reports missing ones. */
export function readPins(recipe: PinnedKeys, report: Report): readonly Pins[] {
  const reader = new PinReader(report);
  const {version, source, sources, versions} = recipe;
  const common: Written<PinKeys> = {keys: source ?? {}, path: ['source']};
  if (versions === undefined) {
    const around = version === undefined ? {} : {version};
    const pins =
      sources === undefined
        ? reader.same(common, around)
        : reader.separate({keys: sources, path: ['sources']}, around);
    return pins === undefined ? [] : [pins];
  }
  for (const key of ['version', 'sha256', 'size', 'date', 'unverified'] as const) {
    if (common.keys[key] === undefined) continue;
    report(`"${key}" stands in each of the "versions"`, {value: ['source', key]});
  }
  const pins = versions.flatMap((keys, index) => {
    const path = ['versions', index];
    return (
      (keys.sources === undefined
        ? reader.same({keys, path}, {}, common)
        : reader.separate({keys: keys.sources, path: [...path, 'sources']}, keys, common)) ?? []
    );
  });
  // The first two numbers identify a version in stage names and options.
  const series = pins.map(({upstream}) => seriesOf(upstream.version));
  const twin = series.find((name, index) => series.indexOf(name) < index);
  if (twin !== undefined) report(`"versions" has ${twin} twice`, {value: ['versions']});
  return pins;
}

class PinReader {
  constructor(private readonly report: Report) {}

  /** The pins of both sets from one map. */
  same(own: Written<PinKeys>, around: PinKeys, common?: Written<PinKeys>): Pins | undefined {
    const {'not-in-debian': reason, debian} = own.keys;
    const isInDebian =
      reason === undefined && (debian !== undefined || common?.keys.debian !== undefined);
    if (reason !== undefined && debian !== undefined) {
      this.report('"debian" and "not-in-debian" exclude each other', {
        value: [...own.path, 'debian'],
      });
    }
    const pin = this.pin(own, around, common, {url: true, debian: isInDebian});
    return pin && {upstream: pin, debian: pin};
  }

  /** The pin of each set. */
  separate(
    {keys, path}: Written<SeparateKeys>,
    around: PinKeys,
    common?: Written<PinKeys>,
  ): Pins | undefined {
    const of = (set: 'upstream' | 'debian') => ({keys: keys[set], path: [...path, set]});
    const upstream = this.pin(of('upstream'), around, common, {url: true, debian: false});
    const debian = this.pin(of('debian'), around, common, {url: false, debian: true});
    return upstream && debian && {upstream, debian};
  }

  private pin(
    own: Written<PinKeys>,
    around: PinKeys,
    common: Written<PinKeys> | undefined,
    locations: {readonly url: boolean; readonly debian: boolean},
  ): SourcePin | undefined {
    const {directory = common?.keys.directory ?? '.', unverified = false} = own.keys;
    const {wanted} = locationForms.version;
    const version = this.wanted(own, 'version', own.keys.version ?? around.version, wanted);
    const urls = locations.url ? this.urls(own, common, version) : [];
    const debian = locations.debian ? this.debian(own, common, version) : undefined;
    const sha256 = this.wanted(own, 'sha256', own.keys.sha256, 'the sha256 of the download');
    const sizeBytes = this.wanted(own, 'size', own.keys.size, 'the size of the download in bytes');
    const date = this.wanted(own, 'date', own.keys.date, 'the day of the newest file in it');
    if (!version || !date || !sizeBytes || !sha256) return undefined;
    const {'not-in-debian': notInDebian} = own.keys;
    return {
      ...{version, date, sha256, sizeBytes, urls, debian, notInDebian, directory},
      isUnverified: unverified,
    };
  }

  private urls(
    own: Written<PinKeys>,
    common: Written<PinKeys> | undefined,
    version: string | undefined,
  ): readonly string[] {
    const {path, keys} = holderOf('url', own, common);
    const urls = this.wanted(own, 'url', keys.url, locationForms.url.wanted) ?? [];
    return urls.flatMap((url, index) => this.fill([...path, 'url', index], url, version) ?? []);
  }

  private debian(
    own: Written<PinKeys>,
    common: Written<PinKeys> | undefined,
    version: string | undefined,
  ): DebianLocation | undefined {
    const {path, keys} = holderOf('debian', own, common);
    const text = this.wanted(own, 'debian', keys.debian, locationForms.debian.wanted);
    const {suite: written} = holderOf('suite', own, common).keys;
    const suite = this.wanted(own, 'suite', written, locationForms.suite.wanted);
    const poolPath = text && this.fill([...path, 'debian'], text, version);
    return poolPath === undefined || suite === undefined ? undefined : {poolPath, suite};
  }

  /** The text with the version filled in. A missing version was already reported. */
  private fill(
    path: readonly Step[],
    text: string,
    version: string | undefined,
  ): string | undefined {
    if (version === undefined) return undefined;
    const filled = fillVersion(text, version);
    if (filled === undefined) {
      const known = versionPlaceholders.join(', ');
      this.report(`${text} names a part that ${version} does not have; known: ${known}`, {
        value: path,
      });
    }
    return filled;
  }

  /** The value; reports that the map lacks its key when there is none. */
  private wanted<T>(
    {path}: Written<PinKeys>,
    key: string,
    value: T | undefined,
    wanted: string,
  ): T | undefined {
    if (value === undefined) {
      this.report(`{title} lacks the key "${key}": ${wanted}`, {value: path});
    }
    return value;
  }
}

/** The map that contains a key; a pin's own precedes the common one. */
function holderOf(
  key: keyof PinKeys,
  own: Written<PinKeys>,
  common: Written<PinKeys> | undefined,
): Written<PinKeys> {
  return common?.keys[key] !== undefined && own.keys[key] === undefined ? common : own;
}
