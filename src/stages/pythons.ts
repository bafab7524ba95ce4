import {failure, success, type Result} from '../core/errors.js';
import type {SourceSet} from '../core/target.js';
import {selectSource, versionsOf} from '../recipe/select-source.js';
import {seriesOf} from '../core/variant.js';
import type {Project, RecipeFolder} from './project.js';

/** A Python that a project can build. */
export interface KnownPython {
  /** `3.14`; a project has one Python of each series. */
  readonly series: string;
  /** The recipe of CPython with the pins of this version. */
  readonly folder: RecipeFolder;
}

const recipeName = 'cpython';

/** The Pythons of a project, in the order of the recipe. */
export function pythonsOf(project: Project): readonly KnownPython[] {
  const folder = project.recipes.get(recipeName);
  if (folder === undefined) return [];
  return versionsOf(folder.recipe).map((recipe) => ({
    series: seriesOf(recipe.pins.upstream.version),
    folder: {...folder, recipe},
  }));
}

/** The exact version of a Python, `3.14.7`. */
export function versionOf({folder}: KnownPython, sourceSet: SourceSet): string {
  return selectSource(folder.recipe, sourceSet).version;
}

/** Finds a Python by its series or version, with or without `cpython-`. */
export function findPython(
  project: Project,
  word: string,
  sourceSet: SourceSet,
): Result<KnownPython> {
  const wanted = word.replace(`${recipeName}-`, '');
  const known = pythonsOf(project);
  const found = known.find(
    (python) => python.series === wanted || versionOf(python, sourceSet) === wanted,
  );
  if (found !== undefined) return checkPython(found, sourceSet);
  const offered = known
    .filter((python) => reasonAgainst(python, sourceSet) === undefined)
    .map((python) => `${python.series} (${versionOf(python, sourceSet)})`);
  const message =
    project.pythonTree === undefined
      ? `unknown Python "${word}". Expected one of ${offered.join(', ')}; see recipes/cpython/recipe.yaml.`
      : `${project.pythonTree.folder} is CPython ${project.pythonTree.version}, not "${word}": leave --python out`;
  return failure([{file: '--python', message}]);
}

/** Why a Python cannot be built from this source set; `undefined` if it can. */
export function reasonAgainst({folder}: KnownPython, sourceSet: SourceSet): string | undefined {
  return sourceSet === 'debian' ? folder.recipe.pins.debian.notInDebian : undefined;
}

function checkPython(python: KnownPython, sourceSet: SourceSet): Result<KnownPython> {
  const {build, file} = python.folder.recipe;
  const reason = reasonAgainst(python, sourceSet);
  if (reason !== undefined) {
    const message =
      `Python ${python.series} cannot be built from Debian's sources: ${reason}. ` +
      'With --sources upstream it is built from those of python.org.';
    return failure([{file: '--python', message}]);
  }
  if (build?.system === 'hooks') return success(python);
  const message = 'an interpreter is built by hooks: expected "build" with "system: hooks"';
  return failure([{file, message}]);
}
