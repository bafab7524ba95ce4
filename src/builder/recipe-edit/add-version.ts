import type {YamlEdit, YamlText} from '../../data/edit-yaml.js';
import type {Recipe} from '../../recipe/recipe.js';
import {fillVersion} from '../../recipe/version.js';
import {templateOf} from './edit-pins.js';
import type {FoundFile} from './find-file.js';
import type {InDebian, PinFindings} from './judge-findings.js';
import {templatesOf, type PlacedPin} from './pin-places.js';
import {toDo} from '../read-recipes.js';

/** Where a new entry of "versions" looks: at the places that the others have in common. */
export function commonPlaces({versions}: Recipe): PlacedPin | undefined {
  const last = versions.at(-1);
  if (last === undefined) return undefined;
  const path = ['source'];
  const pin = {...last.upstream, debian: last.debian.debian};
  return {sets: ['upstream', 'debian'], pin, own: path, around: path, common: path};
}

/** The entry of "versions" for what was found; `undefined` if nothing was. */
export function newEntry(
  {placed, upstream, debian}: PinFindings,
  version: string,
  text: YamlText,
): YamlEdit | undefined {
  const ofUpstream = upstream?.kind === 'found' ? upstream.file : undefined;
  const inDebian = debian?.kind === 'found' ? debian.file : undefined;
  const lines = (): readonly string[] => {
    const own = `version: "${version}"`;
    const places = inDebian === undefined ? [] : placesOf(inDebian, placed, version, text);
    if (ofUpstream && inDebian && ofUpstream.sha256 !== inDebian.sha256) {
      const below = (each: string): string => `    ${each}`;
      return [
        'sources:',
        '  upstream:',
        ...[own, ...fileLines(ofUpstream)].map(below),
        '  debian:',
        ...[own, ...places, ...fileLines(inDebian)].map(below),
      ];
    }
    const file = ofUpstream ?? inDebian;
    if (file === undefined) return [];
    return [
      own,
      // The reason is a person's to say.
      ...(inDebian === undefined ? [`not-in-debian: ${toDo}`] : places),
      ...fileLines(file),
      ...(ofUpstream === undefined ? ['unverified: true'] : []),
    ];
  };
  const entry = lines();
  return entry.length === 0 ? undefined : {kind: 'append', path: ['versions'], lines: entry};
}

function fileLines({sha256, sizeBytes, date}: FoundFile): readonly string[] {
  return [`sha256: ${sha256}`, `size: ${sizeBytes}`, `date: ${date}`];
}

/** What differs from the place that all versions have in common. */
function placesOf(
  {poolPath, suite}: InDebian,
  placed: PlacedPin,
  version: string,
  text: YamlText,
): readonly string[] {
  const [template = ''] = templatesOf('debian', placed, text);
  const [commonSuite] = text.textsAt([...placed.common, 'suite']);
  return [
    ...(fillVersion(template, version) === poolPath
      ? []
      : [`debian: ${templateOf(poolPath, version)}`]),
    ...(commonSuite === suite ? [] : [`suite: ${suite}`]),
  ];
}
