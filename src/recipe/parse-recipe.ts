import {parseSha256} from '../core/digest.js';
import {failure, success, type Result} from '../core/errors.js';
import {YamlReader, type MapReader, type TextForm} from '../data/yaml-reader.js';
import {readBuild} from './parse-build.js';
import {readConditionalList, readConditionalTexts} from './parse-conditional.js';
import {readVersions, relativePathForm, sha256Form} from './parse-sources.js';
import type {License, LicenseText, Recipe} from './recipe.js';

const nameForm: TextForm = {
  pattern: /^[a-z0-9][a-z0-9.+-]*$/,
  wanted: 'a name of lower-case letters, digits, ".", "+" and "-"',
};
const libraryForm: TextForm = {pattern: /^[A-Za-z0-9_.+-]+$/, wanted: 'a name that follows -l'};
const spdxForm: TextForm = {
  pattern: /^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$/,
  wanted: 'an SPDX licence expression',
};
const patchForm: TextForm = {
  pattern: /^\d{4}-[a-z0-9.-]+\.patch$/,
  wanted: 'a patch file named NNNN-why.patch',
};
const fileForm: TextForm = {pattern: /^[\w.+-]+$/, wanted: 'a file name'};

/**
 * Reads a recipe. Returns all mistakes at once, with positions in `file`. Does not check whether the named patches and
 * licence texts exist.
 */
export function parseRecipe(text: string, file: string): Result<Recipe> {
  const reader = new YamlReader(text, file);
  const map = reader.root();
  const recipe = map && readRecipe(map, file);
  if (recipe === undefined || reader.diagnostics.length > 0) return failure(reader.diagnostics);
  return success(recipe);
}

function readRecipe(map: MapReader, file: string): Recipe | undefined {
  const name = map.text('name', nameForm);
  const versions = readVersions(map);
  const license = readLicense(map);
  const recipe = {
    file,
    depends: readConditionalTexts(map, 'depends', 'name', nameForm),
    provides: {static: readProvided(map)},
    patches: readConditionalTexts(map, 'patches', 'file', patchForm),
    build: readBuild(map),
  };
  map.rejectOtherKeys();
  const [pins] = versions;
  if (name === undefined || pins === undefined || license === undefined) return undefined;
  return {name, pins, versions, license, ...recipe};
}

function readProvided(recipe: MapReader): readonly string[] {
  const map = recipe.map('provides');
  if (map === undefined) return [];
  const names = map.texts('static', libraryForm);
  map.rejectOtherKeys();
  return names;
}

function readLicense(recipe: MapReader): License | undefined {
  if (!recipe.has('license')) {
    recipe.report('license', 'the recipe lacks the key "license": a map of spdx, files, texts');
  }
  const map = recipe.map('license');
  if (map === undefined) return undefined;
  const spdx = map.text('spdx', spdxForm);
  const files = readConditionalTexts(map, 'files', 'file', relativePathForm);
  const texts = readConditionalList(map, 'texts', 'text', readLicenseText);
  map.rejectOtherKeys();
  if (map.list('files').length + map.list('texts').length === 0) {
    map.report('files', '"license" names no text: list "files" of the source, or "texts"');
  }
  return spdx === undefined ? undefined : {spdx, files, texts};
}

function readLicenseText(reader: YamlReader, node: unknown): LicenseText | undefined {
  const map = reader.map(node, 'a licence text', 'a map of file and sha256');
  if (map === undefined) return undefined;
  const file = map.text('file', fileForm);
  const sha256 = parseSha256(map.text('sha256', sha256Form) ?? '');
  map.rejectOtherKeys();
  return file === undefined || sha256 === undefined ? undefined : {file, sha256};
}
