import path from 'node:path';
import {InputError} from '../../core/errors.js';
import {isPackedAnew} from '../../debian/source-version.js';
import {nameForm} from '../../recipe/parse-recipe.js';
import {locationForms} from '../../recipe/pin-schema.js';
import {fillVersion} from '../../recipe/version.js';
import type {SuiteSources} from './debian-suites.js';
import {templateOf} from './edit-pins.js';
import {findInDebian, findUpstream, type FindMeans, type Finding} from './find-file.js';
import {findVersion, type DebianVersion} from './find-version.js';
import {RecipeEditError} from './recipe-edit-error.js';
import {skeletonOf, type SkeletonParts, type SkeletonPin} from './skeleton.js';

/** What a new recipe is for. */
export interface NewRecipe {
  readonly name: string;
  readonly version: string;
  /** Of upstream's file. */
  readonly url: string;
  /** Debian's source package. */
  readonly debian: string | undefined;
  /** Reads the suites, for this source package. */
  readonly suites: (packages: ReadonlySet<string>) => Promise<SuiteSources>;
  readonly means: FindMeans;
}

/** The text of a new recipe, and where its pins were read. */
export interface MadeRecipe {
  readonly text: string;
  readonly notes: readonly string[];
}

/**
 * Downloads what can be reached of a source, and makes the text of a recipe for it.
 * @throws InputError for a name, a version or an URL that no recipe can have, RecipeEditError if nothing can be reached.
 */
export async function newRecipe(wanted: NewRecipe): Promise<MadeRecipe> {
  checkWords(wanted);
  const {version, means, debian: packageName} = wanted;
  const url = urlTemplateOf(wanted.url, version);
  const upstream = await findUpstream([wanted.url], means);
  const listed =
    packageName === undefined
      ? undefined
      : findVersion([packageName], version, await wanted.suites(new Set([packageName])));
  const debian = listed?.kind === 'listed' ? await findInDebian(listed.sources, means) : undefined;
  const notes = [
    `upstream  ${noteOf(upstream)}`,
    ...(packageName === undefined
      ? ['debian    not looked for: name its source package with --debian']
      : [`debian    ${noteOf(debian ?? listed)}`]),
    ...(fillVersion(url, '0') === fillVersion(url, '1')
      ? ['Write the version in "url" as {version}, or as its parts {major}, {minor} and {patch}.']
      : []),
  ];
  const files = [upstream, debian].flatMap((each) => (each?.kind === 'found' ? each.file : []));
  if (files.length === 0) {
    throw new RecipeEditError(
      ['No file could be read, and nothing was written:', ...notes.map((note) => `  ${note}`)].join(
        '\n',
      ),
    );
  }
  const pins = pinsOf({url, version, upstream, listed, debian});
  const topFiles = files[0]?.topFiles ?? [];
  return {text: skeletonOf({name: wanted.name, version, pins, topFiles}), notes};
}

function checkWords({name, version, url, debian}: NewRecipe): void {
  const mistakes = [
    nameForm.pattern.test(name) ? [] : [`expected ${nameForm.wanted}, found "${name}"`],
    locationForms.version.pattern.test(version)
      ? []
      : [`expected a version such as 1.2.3, found "${version}"`],
    locationForms.url.pattern.test(url) && URL.canParse(url)
      ? []
      : [`--url: expected ${locationForms.url.wanted}, found "${url}"`],
    debian === undefined || /^[a-z0-9][a-z0-9.+-]+$/.test(debian)
      ? []
      : [`--debian: expected the name of a source package of Debian, found "${debian}"`],
  ].flat();
  if (mistakes.length > 0) throw new InputError(mistakes);
}

/** A URL with the version as placeholders: as it is, or with other signs between its parts, as in `R_2_8_3`. */
function urlTemplateOf(url: string, version: string): string {
  const whole = url.replaceAll(version, '{version}');
  const parts = version.split('.');
  const names = ['{major}', '{minor}', '{patch}'].slice(0, parts.length);
  if (parts.length !== names.length || parts.length < 2) return whole;
  return whole.replaceAll(parts.join('_'), names.join('_'));
}

function noteOf(found: Finding | DebianVersion | undefined): string {
  if (found?.kind === 'found') return found.file.url;
  return found?.kind === 'left' ? found.reason : '';
}

function pinsOf({
  url,
  version,
  upstream,
  listed,
  debian,
}: {
  readonly url: string;
  readonly version: string;
  readonly upstream: Finding;
  readonly listed: DebianVersion | undefined;
  readonly debian: Finding | undefined;
}): SkeletonParts['pins'] {
  const fileOf = (found: Finding | undefined): Pick<SkeletonPin, 'file'> =>
    found?.kind === 'found' ? {file: found.file} : {};
  const ofUpstream = {url, ...fileOf(upstream)};
  if (listed?.kind !== 'listed') return {kind: 'not-in-debian', upstream: ofUpstream};
  const [{poolPath, suite}] = listed.sources;
  const inDebian = {debian: {path: templateOf(poolPath, version), suite}, ...fileOf(debian)};
  // Debian's archive is upstream's file, unless its name says that it was packed anew.
  const ending = (file: string): string => path.extname(file);
  const isSame =
    ofUpstream.file !== undefined && inDebian.file !== undefined
      ? ofUpstream.file.sha256 === inDebian.file.sha256
      : !isPackedAnew(poolPath) && ending(url) === ending(poolPath);
  if (!isSame) return {kind: 'separate', upstream: ofUpstream, debian: inDebian};
  const both = {url, ...inDebian, ...(ofUpstream.file && {file: ofUpstream.file})};
  return {kind: 'same', both: {...both, isUnverified: ofUpstream.file === undefined}};
}
