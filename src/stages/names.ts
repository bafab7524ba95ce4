import type {StageId} from '../core/stage-id.js';

/** The stages that every compile stands on. */
export interface StageNames {
  readonly rootfs: StageId;
  readonly sysroot: StageId;
}

/** The stage that builds a recipe. */
export function dependencyStageId(recipe: string): StageId {
  return `dependency/${recipe}`;
}
