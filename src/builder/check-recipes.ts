import {sha256} from '../core/digest.js';
import type {Diagnostic} from '../core/errors.js';
import {didYouMean} from '../data/nearest.js';
import {placeOfText} from '../data/yaml-file.js';
import type {TextFile} from '../data/yaml-layers.js';
import type {Recipe} from '../recipe/recipe.js';
import type {ModuleDefinition} from '../setup-local/module-definition.js';

/** A recipe with its layers, and the names and texts of the files beside it. */
export interface ReadRecipe {
  readonly recipe: Recipe;
  readonly layers: readonly TextFile[];
  readonly beside: Readonly<Record<string, string>>;
}

/** The mistakes in what a recipe names: files beside it, licence texts, other recipes. */
export function checkNames(
  read: ReadRecipe,
  names: readonly string[],
  licenseTexts: Readonly<Record<string, string>>,
): readonly Diagnostic[] {
  return [
    ...checkFilesBeside(read),
    ...checkLicenseTexts(read, licenseTexts),
    ...dependenciesOf(read.recipe)
      .filter((name) => !names.includes(name))
      .map((name) => ({
        ...placeOfText(read.layers, 'depends', name),
        message: unknownRecipe(name, names),
      })),
  ];
}

/** Files that a recipe names must exist beside it. */
function checkFilesBeside({recipe, layers, beside}: ReadRecipe): readonly Diagnostic[] {
  const {build, patches} = recipe;
  const lists =
    build?.system === 'hooks'
      ? [build.prepare, build.make, build.install, build.instrument, build.train, build.files]
      : [];
  const named = [
    ...patches.flatMap(({values}) => values.map((name) => ['patches', name] as const)),
    ...lists.flat().flatMap(({values}) => values.map((name) => ['build', name] as const)),
  ];
  return named
    .filter(([, name]) => beside[name] === undefined)
    .map(([key, name]) => ({
      ...placeOfText(layers, key, name),
      message: `${name} does not lie beside the recipe.${didYouMean(name, Object.keys(beside))}`,
    }));
}

/** Licence texts that a recipe names must lie below `licenses/`, with the bytes that it says. */
function checkLicenseTexts(
  {recipe, layers}: ReadRecipe,
  licenseTexts: Readonly<Record<string, string>>,
): readonly Diagnostic[] {
  return recipe.license.texts
    .flatMap(({values}) => values)
    .flatMap(({file, sha256: expected}) => {
      const name = `${recipe.name}/${file}`;
      const content = licenseTexts[name];
      const found = content === undefined ? undefined : sha256(content);
      if (found === expected) return [];
      const message =
        found === undefined
          ? `licenses/${name} is not there`
          : `licenses/${name}: expected sha256 ${expected}, found ${found}`;
      return [{...placeOfText(layers, 'license', expected), message}];
    });
}

/** The mistakes in the names of recipes that modules link. */
export function checkLibraries(
  definitions: readonly ModuleDefinition[],
  files: readonly TextFile[],
  names: readonly string[],
): readonly Diagnostic[] {
  return definitions.flatMap(({name, variants, place}) => {
    const own = files.filter(({file}) => file === place.file);
    const providers = variants.flatMap(({libraries}) =>
      libraries.flatMap(({dependency}) => dependency ?? []),
    );
    return [...new Set(providers)]
      .filter((provider) => !names.includes(provider))
      .map((provider) => ({
        ...placeOfText(own, name, provider),
        message: unknownRecipe(provider, names),
      }));
  });
}

/** Each cycle of recipes once, with its path. Conditions do not count: no pair of them needs a cycle. */
export function checkCycles(recipes: readonly ReadRecipe[]): readonly Diagnostic[] {
  const byName = new Map(recipes.map((read) => [read.recipe.name, read]));
  const finished = new Set<string>();
  const mistakes: Diagnostic[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    const read = byName.get(name);
    if (read === undefined || finished.has(name)) return;
    const around = [...path, name];
    for (const dependency of dependenciesOf(read.recipe)) {
      const start = around.indexOf(dependency);
      if (start < 0) visit(dependency, around);
      else {
        const cycle = [...around.slice(start), dependency].join(' -> ');
        const place = placeOfText(read.layers, 'depends', dependency);
        mistakes.push({...place, message: `cyclic dependency: ${cycle}`});
      }
    }
    finished.add(name);
  };
  for (const {recipe} of recipes) visit(recipe.name, []);
  return mistakes;
}

function dependenciesOf({depends}: Recipe): readonly string[] {
  return [...new Set(depends.flatMap(({values}) => values))];
}

function unknownRecipe(name: string, names: readonly string[]): string {
  return `unknown recipe "${name}".${didYouMean(name, names)}`;
}
