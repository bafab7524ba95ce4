import {InputError, InternalError} from '../../core/errors.js';
import {YamlText} from '../../data/edit-yaml.js';
import {sourcePackageOf} from '../../debian/source-index.js';
import {parseRecipe} from '../../recipe/parse-recipe.js';
import {locationForms} from '../../recipe/pin-schema.js';
import type {DebianLocation, Recipe} from '../../recipe/recipe.js';
import {fillVersion} from '../../recipe/version.js';
import {seriesOf} from '../../core/variant.js';
import type {RecipeReading} from '../read-recipes.js';
import type {SuiteSources} from './debian-suites.js';
import {commonPlaces, newEntry} from './add-version.js';
import {editsOf} from './edit-pins.js';
import {
  findInDebian,
  findUpstream,
  type FindMeans,
  type FoundFile,
  type KnownFile,
  type Finding,
} from './find-file.js';
import {compareVersions, findVersion} from './find-version.js';
import {placePins, templatesOf, type PlacedPin, type PlacedPins} from './pin-places.js';
import {
  newPin,
  nothingToPin,
  outcomesOf,
  type PinFindings,
  type SetOutcome,
} from './judge-findings.js';
import {RecipeEditError} from './recipe-edit-error.js';

/** A recipe before and after a bump. Nothing was written yet. */
export interface Bump {
  readonly before: string;
  readonly after: string;
  readonly outcomes: readonly SetOutcome[];
}

/** How a recipe is bumped. */
export interface BumpOptions {
  readonly version: string;
  readonly isOlderAllowed: boolean;
  /** Reads the suites, for these source packages. */
  readonly suites: (packages: ReadonlySet<string>) => Promise<SuiteSources>;
  readonly means: FindMeans;
}

/**
 * Looks for a version of a recipe's source at the places that the recipe names, and makes the text that pins it.
 * @throws RecipeEditError if there is nothing to pin, InputError for a version that the recipe cannot have.
 */
export async function bumpRecipe(reading: RecipeReading, options: BumpOptions): Promise<Bump> {
  const {folder, text: before} = reading;
  if (folder === undefined) throw new InputError(reading.mistakes);
  const {recipe} = folder;
  const {version} = options;
  if (!locationForms.version.pattern.test(version)) {
    throw new InputError([`expected a version such as 3.5.9, found "${version}"`]);
  }
  const text = new YamlText(before);
  const entry = chooseEntry(recipe, text, version);
  if (entry === undefined) return {before, ...(await addVersion(recipe, text, options))};
  requireNewer(entry, recipe, options);
  const findings: PinFindings[] = [];
  for (const placed of entry.placed) {
    const isOlder = compareVersions(version, placed.pin.version) < 0;
    if (isOlder && !options.isOlderAllowed) {
      const reason = `${version} is older than the pinned ${placed.pin.version} (--allow-older takes it)`;
      findings.push(leaveAlone(placed, reason));
    } else findings.push(await findPin(placed, text, options));
  }
  const changed = findings.flatMap((found) => newPin(found, recipe, version) ?? []);
  const outcomes = findings.flatMap((found) => {
    const isChanged = changed.some(({placed}) => placed === found.placed);
    return outcomesOf(found, isChanged, {from: found.placed.pin.version, version});
  });
  if (changed.length === 0) throw nothingToPin(recipe.name, version, outcomes);
  const after = text.edit(editsOf(entry, changed, version, text));
  const files = changed.map(({file, debian}) => ({...file, ...debian}));
  requireIntended(after, recipe, files, version);
  return {before, after, outcomes};
}

/** The pins of the series that a version is of; `undefined` if the recipe can have one more. */
function chooseEntry(recipe: Recipe, text: YamlText, version: string): PlacedPins | undefined {
  const entries = placePins(recipe, text);
  const series = entries.map(({pins}) => seriesOf(pins.upstream.version));
  const index = entries.length === 1 ? 0 : series.indexOf(seriesOf(version));
  return entries[index];
}

/** Pins a version of a series that the recipe does not have yet, where the others are. */
async function addVersion(
  recipe: Recipe,
  text: YamlText,
  options: BumpOptions,
): Promise<Omit<Bump, 'before'>> {
  const {version} = options;
  const placed = commonPlaces(recipe);
  if (placed === undefined) throw new InternalError('a recipe without versions');
  const found = await findPin(placed, text, options);
  const entry = newEntry(found, version, text);
  const outcomes = outcomesOf(found, entry !== undefined, {from: 'none', version});
  if (entry === undefined) throw nothingToPin(recipe.name, version, outcomes);
  const after = text.edit([entry]);
  const files = [found.upstream, found.debian].flatMap((each) =>
    each?.kind === 'found' ? each.file : [],
  );
  requireIntended(after, recipe, files.slice(0, 1), version);
  return {after, outcomes};
}

function requireNewer({placed}: PlacedPins, {name}: Recipe, options: BumpOptions): void {
  const {version, isOlderAllowed} = options;
  const older = placed.filter(({pin}) => compareVersions(version, pin.version) < 0);
  if (isOlderAllowed || older.length < placed.length) return;
  const pinned = [...new Set(placed.map(({pin}) => pin.version))].join(' and ');
  throw new InputError([
    `${name} ${version} is older than the pinned ${pinned}. Name a newer version, or take this one with --allow-older.`,
  ]);
}

function leaveAlone(placed: PlacedPin, reason: string): PinFindings {
  const left = {kind: 'left', reason} as const;
  return {
    placed,
    ...(placed.sets.includes('upstream') && {upstream: left}),
    ...(placed.sets.includes('debian') && {debian: left}),
  };
}

async function findPin(
  placed: PlacedPin,
  text: YamlText,
  options: BumpOptions,
): Promise<PinFindings> {
  const {sets, pin} = placed;
  const {version, means} = options;
  const upstream = sets.includes('upstream')
    ? await findAtUrls(filled('url', placed, text, version), means, pin)
    : undefined;
  if (pin.debian === undefined) return {placed, ...(upstream && {upstream})};
  const path = filled('debian', placed, text, version);
  const paths = [pin.debian.poolPath, ...(path.kind === 'filled' ? path.texts : [])];
  const packages = new Set(paths.map(sourcePackageOf));
  const suites = await options.suites(packages);
  const listed = findVersion([...packages], version, suites, pin.debian.suite);
  if (listed.kind === 'left') return {placed, ...(upstream && {upstream}), debian: listed};
  const found = await findInDebian(listed.sources, means, pin);
  const [{poolPath, suite}] = listed.sources;
  const debian =
    found.kind === 'left'
      ? found
      : ({kind: 'found', file: {...found.file, poolPath, suite}} as const);
  return {placed, ...(upstream && {upstream}), debian};
}

async function findAtUrls(urls: Filled, means: FindMeans, pin: KnownFile): Promise<Finding> {
  return urls.kind === 'left' ? urls : findUpstream(urls.texts, means, pin);
}

type Filled =
  | {readonly kind: 'filled'; readonly texts: readonly string[]}
  | {readonly kind: 'left'; readonly reason: string};

/** The URLs or the path of a version, by the recipe's templates. */
function filled(key: 'url' | 'debian', placed: PlacedPin, text: YamlText, version: string): Filled {
  const templates = templatesOf(key, placed, text);
  const texts = templates.flatMap((template) => {
    const whole = fillVersion(template, version);
    const isOfAny =
      version !== placed.pin.version && whole === fillVersion(template, placed.pin.version);
    return whole === undefined || isOfAny ? [] : [whole];
  });
  if (texts.length > 0) return {kind: 'filled', texts};
  const reason = `"${key}" names no file of ${version}: write its version as {version}, or as the parts {major}, {minor} and {patch} that it has`;
  return {kind: 'left', reason};
}

/** The text is read again before anybody writes it: an edit that reads as something else is refused. */
function requireIntended(
  after: string | undefined,
  recipe: Recipe,
  files: readonly (FoundFile & Partial<DebianLocation>)[],
  version: string,
): asserts after is string {
  const read = after === undefined ? undefined : parseRecipe(after, recipe.file);
  const pins =
    read?.ok === true ? read.value.versions.flatMap((each) => [each.upstream, each.debian]) : [];
  const isThere = files.every((file) =>
    pins.some(
      (pin) =>
        pin.sha256 === file.sha256 &&
        pin.sizeBytes === file.sizeBytes &&
        pin.date === file.date &&
        pin.version === version &&
        (file.poolPath === undefined || pin.debian?.poolPath === file.poolPath),
    ),
  );
  if (isThere) return;
  const reason =
    read?.ok === false ? `: ${read.diagnostics.map(({message}) => message).join('; ')}` : '';
  throw new RecipeEditError(
    `${recipe.file} cannot be edited by a program${reason}\n` +
      'Nothing was written. Give each key of its pins a line of its own, without braces, then run the same command again.',
  );
}
