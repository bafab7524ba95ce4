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
import type {TextFile} from '../data/yaml-layers.js';
import {parseModuleDefinitions} from '../setup-local/parse-definitions.js';
import type {Image, Project} from '../stages/project.js';
import {checkLibraries} from './check-recipes.js';
import {imageNames, readImageFolder} from './image-folder.js';
import {loadProfiles} from './load-profiles.js';
import {loadTargets} from './load-targets.js';
import {readOverlays} from './overlays.js';
import {projectFiles, readTexts, type ProjectFiles} from './project-files.js';
import {projectFolder} from './project-folder.js';
import {readRecipes} from './read-recipes.js';

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
  const read = await readRecipes(files, licenseTexts);
  const names = read.map(({name}) => name);
  take(failure(read.flatMap(({mistakes: found}) => found)));
  const recipes = new Map(
    read.flatMap(({name, folder}) => (folder === undefined ? [] : [[name, folder] as const])),
  );
  const modules = await readModules(files, [base, ...overlays]);
  const targets = take(await loadTargets(files)) ?? [];
  const profiles = take(await loadProfiles(files)) ?? new Map<string, never>();
  const moduleDefinitions = take(parseModuleDefinitions(...modules)) ?? [];
  mistakes.push(...checkLibraries(moduleDefinitions, modules.flat(), names));
  const project: Project = {
    overlays: identities.map((identity, index) => ({
      ...identity,
      modules: moduleNames(modules[index + 1] ?? []),
    })),
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

/** The modules that some files define; none if they have mistakes. */
function moduleNames(files: readonly TextFile[]): readonly string[] {
  const definitions = parseModuleDefinitions(files);
  return definitions.ok ? definitions.value.map(({name}) => name) : [];
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
