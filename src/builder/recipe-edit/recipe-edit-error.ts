import {BuildError} from '../../core/errors.js';

/** A recipe was not changed: what is to be pinned is not there, or is not what it seems. */
export class RecipeEditError extends BuildError {
  override readonly name = 'RecipeEditError';
  readonly code = 'E_RECIPE_EDIT';
}
