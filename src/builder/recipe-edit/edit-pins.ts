import type {Step} from '../../data/schema.js';
import type {YamlEdit, YamlText} from '../../data/edit-yaml.js';
import {archivedVersion} from '../../debian/source-version.js';
import type {DebianLocation} from '../../recipe/recipe.js';
import {fillVersion} from '../../recipe/version.js';
import type {FoundFile} from './find-file.js';
import {pathOfKey, templatesOf, type PlacedPin, type PlacedPins} from './pin-places.js';

/** A pin, and the file that it is to name. */
export interface NewPin {
  readonly placed: PlacedPin;
  readonly file: FoundFile;
  /** Whether upstream's own file was read, if it is a pin of upstream's. */
  readonly isVerified: boolean;
  /** `undefined` if the pin has no place in Debian. */
  readonly debian: DebianLocation | undefined;
}

/** The changes of a recipe's text that make some of its pins those of a version. */
export function editsOf(
  entry: PlacedPins,
  changed: readonly NewPin[],
  version: string,
  text: YamlText,
): readonly YamlEdit[] {
  return [
    ...versionEdits(entry, changed, version, text),
    ...changed.flatMap((pin) => [...fileEdits(pin, text), ...debianEdits(pin, version, text)]),
  ];
}

/** The version stands around the pins if they share it, else in each of them. */
function versionEdits(
  {placed}: PlacedPins,
  changed: readonly NewPin[],
  version: string,
  text: YamlText,
): readonly YamlEdit[] {
  const isChanged = (pin: PlacedPin): boolean => changed.some((each) => each.placed === pin);
  const shared = placed.flatMap((pin) => {
    const path = [...pin.around, 'version'];
    return text.has(path) && pin.around !== pin.own ? [path] : [];
  })[0];
  const isWhole = placed.every((pin) => isChanged(pin) || pin.pin.version === version);
  if (shared !== undefined && isWhole) {
    const own = placed.map((pin) => [...pin.own, 'version']).filter((path) => text.has(path));
    return [
      {kind: 'set', path: shared, value: version},
      ...own.map((path) => ({kind: 'remove', path}) as const),
    ];
  }
  return changed.flatMap(({placed: {own, pin}}): YamlEdit[] => {
    if (pin.version === version) return [];
    const path = [...own, 'version'];
    if (text.has(path)) return [{kind: 'set', path, value: version}];
    const first = [...own, firstKey(own, text)];
    return [{kind: 'before', path: first, key: 'version', value: `"${version}"`}];
  });
}

function fileEdits(
  {placed: {own, pin}, file, isVerified}: NewPin,
  text: YamlText,
): readonly YamlEdit[] {
  return [
    {kind: 'set', path: [...own, 'sha256'], value: file.sha256},
    {kind: 'set', path: [...own, 'size'], value: String(file.sizeBytes)},
    {kind: 'set', path: [...own, 'date'], value: file.date},
    ...flagEdits([...own, 'unverified'], isVerified, file.sha256 !== pin.sha256, text),
  ];
}

/** A file that nobody compared with upstream's is unverified; that of an unchanged pin is what it was. */
function flagEdits(
  path: readonly Step[],
  isVerified: boolean,
  isNew: boolean,
  text: YamlText,
): readonly YamlEdit[] {
  if (isVerified) return text.has(path) ? [{kind: 'remove', path}] : [];
  if (!isNew) return [];
  if (text.has(path)) return [{kind: 'set', path, value: 'true'}];
  const date = [...path.slice(0, -1), 'date'];
  return [{kind: 'after', path: date, key: 'unverified', value: 'true'}];
}

/** The template of the path stays if it leads to the file. */
function debianEdits(
  {placed, debian}: NewPin,
  version: string,
  text: YamlText,
): readonly YamlEdit[] {
  if (debian === undefined) return [];
  const [template = ''] = templatesOf('debian', placed, text);
  const [suite] = textsOf('suite', placed, text);
  const edit = (key: 'debian' | 'suite', value: string): YamlEdit => {
    const own = [...placed.own, key];
    if (text.has(own)) return {kind: 'set', path: own, value};
    return {kind: 'after', path: [...placed.own, firstKey(placed.own, text)], key, value};
  };
  return [
    ...(suite === debian.suite ? [] : [edit('suite', debian.suite)]),
    ...(fillVersion(template, version) === debian.poolPath
      ? []
      : [edit('debian', templateOf(debian.poolPath, version))]),
  ];
}

/** A path with the version as a placeholder, where its name has it as the recipe writes it or as Debian does. */
export function templateOf(poolPath: string, version: string): string {
  const slash = poolPath.lastIndexOf('/') + 1;
  const [folder, name] = [poolPath.slice(0, slash), poolPath.slice(slash)];
  const debianVersion = fillVersion('{debian-version}', version) ?? version;
  if (debianVersion !== version && archivedVersion(poolPath) === debianVersion) {
    return folder + name.replace(debianVersion, '{debian-version}');
  }
  return folder + name.replace(version, '{version}');
}

function textsOf(key: 'suite', pin: PlacedPin, text: YamlText): readonly string[] {
  const path = pathOfKey(key, pin, text);
  return path === undefined ? [] : text.textsAt(path);
}

function firstKey(path: readonly Step[], text: YamlText): string {
  return text.keysAt(path)[0] ?? '';
}
