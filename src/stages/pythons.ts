import {failure, success, type Result} from '../core/errors.js';
import type {SourceSet} from '../core/target.js';
import {selectSource, versionsOf} from '../recipe/select-source.js';
import {seriesOf} from '../recipe/version.js';
import type {Project, RecipeFolder} from './project.js';

const recipeName = 'cpython';

/** A Python that can be built: the recipe of CPython with the pins of one version. */
export interface Python {
  /** What it is called: `3.14`. */
  readonly series: string;
  /** `3.14.7`. */
  readonly version: string;
  readonly folder: RecipeFolder;
}

/** Every Python that can be built, in the order of the recipe. The one place that knows. */
export function pythonsOf(project: Project, sourceSet: SourceSet): readonly Python[] {
  const folder = project.recipes.get(recipeName);
  if (folder === undefined) return [];
  return versionsOf(folder.recipe).map((recipe) => {
    const {version} = selectSource(recipe, sourceSet);
    return {series: seriesOf(version), version, folder: {...folder, recipe}};
  });
}

/** The Python that a person means by `3.14`, `3.14.7` or `cpython-3.14`. */
export function findPython(
  project: Project,
  text: string,
  sourceSet: SourceSet,
): Result<RecipeFolder> {
  const wanted = text.replace(`${recipeName}-`, '');
  const pythons = pythonsOf(project, sourceSet);
  const found = pythons.find(({series, version}) => series === wanted || version === wanted);
  if (found !== undefined) return success(found.folder);
  const offered = pythons.map(({series, version}) => `${series} (${version})`).join(', ');
  const message = `there is no Python "${text}". Wanted one of ${offered}; see recipes/cpython/recipe.yaml.`;
  return failure([{file: '--python', message}]);
}
