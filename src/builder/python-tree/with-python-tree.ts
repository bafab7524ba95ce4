import type {Sha256} from '../../core/digest.js';
import {InternalError} from '../../core/errors.js';
import {seriesOf} from '../../core/variant.js';
import type {SourcePin} from '../../recipe/recipe.js';
import {pythonsOf} from '../../stages/pythons.js';
import type {Project, PythonTree} from '../../stages/project.js';

/** A tree packed as one file. */
export interface PackedTree {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

/**
 * A project whose only Python is a developer's tree.
 * @param packed the bytes to build from; without them the project can be developed, not built.
 */
export function withPythonTree(project: Project, tree: PythonTree, packed?: PackedTree): Project {
  const known = pythonsOf(project).find(({series}) => series === seriesOf(tree.likePython));
  if (known === undefined) throw new InternalError(`no recipe for CPython ${tree.likePython}`);
  const {recipe} = known.folder;
  const like = recipe.pins.upstream;
  const pin: SourcePin = {
    version: tree.version,
    // Of the content alone, not of the files' times: equal content gives equal keys.
    date: like.date,
    sha256: packed?.sha256 ?? like.sha256,
    sizeBytes: packed?.sizeBytes ?? like.sizeBytes,
    urls: [],
    debian: undefined,
    tree: tree.folder,
    directory: '.',
    notInDebian: undefined,
    isUnverified: false,
  };
  const pins = {upstream: pin, debian: pin};
  const folder = {...known.folder, recipe: {...recipe, pins, versions: [pins]}};
  return {
    ...project,
    recipes: new Map([...project.recipes, ['cpython', folder]]),
    pythonTree: tree,
  };
}
