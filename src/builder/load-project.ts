import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {
  failure,
  InputError,
  success,
  valueOrThrow,
  type Diagnostic,
  type Result,
} from '../core/errors.js';
import {checkLock} from '../debian/image-lock.js';
import {placeOfText} from '../data/yaml-file.js';
import type {TextFile} from '../data/yaml-layers.js';
import {parseRecipe} from '../recipe/parse-recipe.js';
import {parsePatch, type PatchSections} from '../recipe/patch-sections.js';
import type {Recipe} from '../recipe/recipe.js';
import {parseModuleDefinitions} from '../setup-local/parse-definitions.js';
import type {Image, Project, RecipeFolder} from '../stages/project.js';
import {checkCycles, checkLibraries, checkNames, type ReadRecipe} from './check-recipes.js';
import {imageNames, readImageFolder} from './image-folder.js';
import {loadProfiles} from './load-profiles.js';
import {loadTargets} from './load-targets.js';
import {readOverlays} from './overlays.js';
import {projectFiles, type ProjectFiles} from './project-files.js';
import {projectFolder} from './project-folder.js';

/**
 * Reads and checks all data of a project: a base, a folder like Ampoule's own, and overlays. The files of a later folder add
 * to those of an earlier one, change them, or take their place.
 * @throws InputError with every mistake in every file.
 */
export async function loadProject(
  base: string = projectFolder,
  overlays: readonly string[] = [],
): Promise<Project> {
  await checkFolders(base);
  const identities = valueOrThrow(await readOverlays(overlays));
  const files = projectFiles([base, ...overlays]);
  const mistakes: Diagnostic[] = [];
  const take = <T>(result: Result<T>): T | undefined => {
    if (result.ok) return result.value;
    mistakes.push(...result.diagnostics);
    return undefined;
  };
  const [images, toolchainScripts, licenseTexts] = await Promise.all([
    loadImages(files, take),
    readTexts(files, 'shell'),
    readTexts(files, 'licenses'),
  ]);
  const names = await recipeNames(files);
  const recipes = await loadRecipes(files, take, {names, licenseTexts});
  const modules = await readModules(files, [base, ...overlays]);
  const targets = take(await loadTargets(files)) ?? [];
  const profiles = take(await loadProfiles(files)) ?? new Map<string, never>();
  const moduleDefinitions = take(parseModuleDefinitions(...modules)) ?? [];
  mistakes.push(...checkLibraries(moduleDefinitions, modules.flat(), names));
  const project: Project = {
    overlays: identities,
    targets: new Map(targets.map((target) => [target.triple, target])),
    images,
    recipes,
    toolchainScripts,
    moduleDefinitions,
    profiles,
    licenseTexts,
  };
  return valueOrThrow(mistakes.length > 0 ? failure(mistakes) : success(project));
}

async function checkFolders(folder: string): Promise<void> {
  const wanted = ['docker', 'recipes', 'static-modules'];
  const found: readonly string[] = await readdir(folder).catch(() => []);
  const missing = wanted.filter((name) => !found.includes(name));
  if (missing.length === 0) return;
  throw new InputError([
    `--project: ${path.resolve(folder)} has no ${missing.join(', no ')}. Expected a folder like Ampoule's own.`,
  ]);
}

type Take = <T>(result: Result<T>) => T | undefined;

async function loadImages(files: ProjectFiles, take: Take): Promise<ReadonlyMap<string, Image>> {
  const images = new Map<string, Image>();
  for (const name of await imageNames(files)) {
    const image = await readImageFolder(files, name);
    const definition = take(image.definition);
    const lock = take(image.lock);
    if (definition === undefined || lock === undefined) continue;
    const reasons = checkLock(definition, lock, image.lockFile);
    if (reasons.length > 0) take(failure(reasons));
    images.set(imageStageId(name), {definition, lock});
  }
  return images;
}

/** `docker/build` is `rootfs/build`, `docker/sysroot-<triple>` is `sysroot/<triple>`. */
function imageStageId(folder: string): string {
  return folder.startsWith('sysroot-') ? folder.replace('-', '/') : `rootfs/${folder}`;
}

/** The names of a project's recipes in a fixed order. */
async function recipeNames(files: ProjectFiles): Promise<readonly string[]> {
  return (await files.below('recipes'))
    .filter((file) => path.basename(file) === 'recipe.yaml')
    .map((file) => path.relative('recipes', path.dirname(file)));
}

async function loadRecipes(
  files: ProjectFiles,
  take: Take,
  {names, licenseTexts}: Pick<Project, 'licenseTexts'> & {readonly names: readonly string[]},
): Promise<ReadonlyMap<string, RecipeFolder>> {
  const recipes = new Map<string, RecipeFolder>();
  const read: ReadRecipe[] = [];
  for (const name of names) {
    const beside = await readTexts(files, `recipes/${name}`);
    const layers = await files.layersOf(`recipes/${name}/recipe.yaml`);
    const [first = {text: '', file: ''}, ...overlays] = layers;
    const recipe = take(checkName(parseRecipe(first.text, first.file, overlays), name, layers));
    const patches = new Map<string, PatchSections>();
    const scripts: Record<string, string> = {};
    for (const [file, content] of Object.entries(beside)) {
      if (file.endsWith('.patch')) {
        const [last] = (await files.layersOf(`recipes/${name}/${file}`)).slice(-1);
        patches.set(file, take(parsePatch(content, last?.file ?? file)) ?? []);
      } else if (file !== 'recipe.yaml') scripts[file] = content;
    }
    if (recipe === undefined) continue;
    read.push({recipe, layers, beside});
    recipes.set(recipe.name, {recipe, files: scripts, patches});
  }
  const wrong = read.flatMap((one) => checkNames(one, names, licenseTexts));
  take(failure([...wrong, ...checkCycles(read)]));
  return recipes;
}

/** Stages, dependencies and messages refer to a recipe by its folder, so no recipe can take another's place. */
function checkName(
  recipe: Result<Recipe>,
  folder: string,
  layers: readonly TextFile[],
): Result<Recipe> {
  if (!recipe.ok || recipe.value.name === folder) return recipe;
  const {name} = recipe.value;
  const place = placeOfText(layers, 'name', name);
  return failure([{...place, message: `"name" is ${name}, expected the folder's name ${folder}`}]);
}

/** The files of `static-modules/` of each layer: an overlay changes a module wherever it is defined. */
async function readModules(
  files: ProjectFiles,
  layers: readonly string[],
): Promise<readonly (readonly TextFile[])[]> {
  const names = (await files.below('static-modules')).filter((name) => name.endsWith('.yaml'));
  const found = (await Promise.all(names.map((name) => files.layersOf(name)))).flat();
  return layers.map((_, index) => found.filter(({layer}) => layer === index));
}

/** Every file below a folder by its path relative to it; none when the folder is missing. */
async function readTexts(
  files: ProjectFiles,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const texts = (await files.below(folder)).map(
    async (file) => [path.relative(folder, file), (await files.read(file)) ?? ''] as const,
  );
  return Object.fromEntries(await Promise.all(texts));
}
