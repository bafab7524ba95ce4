import {failure, success, type Result} from '../core/errors.js';
import type {SourceSet} from '../core/target.js';
import {selectSource} from '../recipe/select-source.js';
import type {Project, RecipeFolder} from './project.js';

/** A Python that a project can build. */
export interface KnownPython {
  /** `3.14`; a project has one Python of each line. */
  readonly line: string;
  readonly folder: RecipeFolder;
}

const prefix = 'cpython-';

/** The Pythons of a project: the one place that knows which recipes they are. */
export function pythonsOf(project: Project): readonly KnownPython[] {
  return [...project.recipes.values()].flatMap((folder) => {
    const {name} = folder.recipe;
    return name.startsWith(prefix) ? [{line: name.slice(prefix.length), folder}] : [];
  });
}

/** The exact version of a Python, `3.14.7`. */
export function versionOf({folder}: KnownPython, sourceSet: SourceSet): string {
  return selectSource(folder.recipe, sourceSet).version;
}

/** Finds a Python by its line or version, with or without `cpython-`. */
export function findPython(
  project: Project,
  word: string,
  sourceSet: SourceSet,
): Result<KnownPython> {
  const wanted = word.replace(prefix, '');
  const known = pythonsOf(project);
  const found = known.find(
    (python) => python.line === wanted || versionOf(python, sourceSet) === wanted,
  );
  if (found !== undefined) return success(found);
  const offered = known.map((python) => `${python.line} (${versionOf(python, sourceSet)})`);
  const message = `unknown Python "${word}". Wanted one of ${offered.join(', ')}; see recipes/cpython-*.`;
  return failure([{file: '--python', message}]);
}
