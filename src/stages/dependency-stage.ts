import type {LibraryParts} from '../core/variant.js';
import type {SandboxStage} from '../graph/stage.js';
import {renderBuildScript, renderTestScript} from '../recipe/render.js';
import {select} from '../data/condition.js';
import {selectSource} from '../recipe/select-source.js';
import {compileMounts, testOf, toolMounts, type PlatformNames} from './names.js';
import type {Project, RecipeFolder} from './project.js';

/** `dependency/<name>/<platform>`: builds a recipe against the sysroot and the recipes it depends on. */
export function dependencyStage(
  folder: RecipeFolder,
  project: Project,
  names: PlatformNames,
  context: LibraryParts,
): SandboxStage {
  const {recipe} = folder;
  const rendered = renderBuildScript(recipe, context);
  const dependencies = dependencyClosure(select(recipe.depends, context), project, context);
  return {
    kind: 'sandbox',
    id: names.dependency(recipe.name),
    rootfs: names.rootfs,
    mounts: [
      ...toolMounts(names),
      {guestPath: '/sysroot', stages: [names.sysroot]},
      {guestPath: '/deps', stages: dependencies.map(names.dependency)},
    ],
    sources: [selectSource(recipe, context.sourceSet).source],
    files: {
      ...patchFiles(folder, rendered.patches, context),
      ...pick(
        project.licenseTexts,
        rendered.licenseTexts.map((file) => `${recipe.name}/${file}`),
        (name) => `licenses/${name.slice(recipe.name.length + 1)}`,
      ),
    },
    environment: rendered.environment,
    script: rendered.script,
  };
}

/**
 * `test/<name>/<platform>`: tries the library of a recipe that has a `test`. No other stage reads it, but if it fails nothing
 * that links the library is published.
 */
export function dependencyTestStage(
  {recipe}: RecipeFolder,
  project: Project,
  names: PlatformNames,
  context: LibraryParts,
): SandboxStage {
  const dependencies = dependencyClosure([recipe.name], project, context);
  return {
    kind: 'sandbox',
    id: testOf(names.dependency(recipe.name)),
    rootfs: names.rootfs,
    mounts: compileMounts(names, dependencies),
    sources: [],
    files: {},
    ...renderTestScript(recipe, context),
  };
}

/**
 * The named recipes and all that they depend on, each once, dependencies first. The graph reports missing recipes and
 * cycles, with their paths.
 */
export function dependencyClosure(
  names: readonly string[],
  project: Project,
  context: LibraryParts,
): readonly string[] {
  const found = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (found.has(name) || path.includes(name)) return;
    const depends = project.recipes.get(name)?.recipe.depends ?? [];
    for (const dependency of select(depends, context)) visit(dependency, [...path, name]);
    found.add(name);
  };
  for (const name of names) visit(name, []);
  return [...found];
}

/** The parts of each patch that apply, at `patches/<file>`. */
export function patchFiles(
  folder: RecipeFolder,
  names: readonly string[],
  context: LibraryParts,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.map((name) => {
      const sections = folder.patches.get(name) ?? [];
      return [`patches/${name}`, select(sections, context).join('')];
    }),
  );
}

/**
 * Of the files that a script may use, those that it names as `/src/<file>`, itself or through another one. A stage gets no
 * others: what it does not use must not change its key.
 */
export function namedFiles(
  files: Readonly<Record<string, string>>,
  offered: readonly string[],
  script: string,
): Record<string, string> {
  const named = new Set<string>();
  const texts = [script];
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    for (const name of offered) {
      if (named.has(name) || !text.includes(`/src/${name}`)) continue;
      named.add(name);
      texts.push(files[name] ?? '');
    }
  }
  return pick(
    files,
    offered.filter((name) => named.has(name)),
    (name) => name,
  );
}

/** Renames files. Missing files were reported when the project was read. */
export function pick(
  files: Readonly<Record<string, string>>,
  names: readonly string[],
  rename: (name: string) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const text = files[name];
      return text === undefined ? [] : [[rename(name), text] as const];
    }),
  );
}
