import type {LibraryParts} from '../core/variant.js';
import type {Condition} from '../data/condition.js';
import type {LibraryPartsOf} from './names.js';
import type {Project} from './project.js';

/**
 * The inputs of each library of a project: Python and build options only if its own recipe or a dependency's has a
 * `when:` on them. Distributions share all others.
 */
export function libraryPartsOf(project: Project): LibraryPartsOf {
  const known = new Map<string, ReadonlySet<keyof Condition>>();
  const keysOf = (name: string, path: readonly string[] = []): ReadonlySet<keyof Condition> => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const folder = project.recipes.get(name);
    if (folder === undefined || path.includes(name)) return new Set();
    const depends = folder.recipe.depends.flatMap(({values}) => [...values]);
    const keys = new Set([
      ...conditionKeys([folder.recipe, ...folder.patches.values()]),
      ...depends.flatMap((dependency) => [...keysOf(dependency, [...path, name])]),
    ]);
    known.set(name, keys);
    return keys;
  };
  return (name, parts): LibraryParts => {
    const {python, options, target, toolchain, sourceSet, glibcFloor, ownTree} = parts;
    const keys = keysOf(name);
    return {
      ...{target, toolchain, sourceSet},
      ...(glibcFloor !== undefined && {glibcFloor}),
      // The same library as for the known version.
      ...(keys.has('python') && python !== undefined && {python: ownTree?.likePython ?? python}),
      ...(keys.has('options') && options !== undefined && {options}),
    };
  };
}

/** The keys of every `when:` in a recipe and its patches. */
function conditionKeys(value: unknown): readonly (keyof Condition)[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'when'
      ? (Object.keys(member as Condition) as (keyof Condition)[])
      : conditionKeys(member),
  );
}
