import type {StageId} from '../core/stage-id.js';
import type {StageMount} from '../graph/stage.js';
import {toolsGuestPath} from '../recipe/environment.js';

/** The stages that every compile stands on. */
export interface StageNames {
  readonly rootfs: StageId;
  readonly sysroot: StageId;
  /** The toolchain; `undefined` where the rootfs has it. */
  readonly toolchain: StageId | undefined;
}

/** What a stage that compiles mounts first. */
export function toolMounts({toolchain}: StageNames): readonly StageMount[] {
  return toolchain === undefined ? [] : [{guestPath: toolsGuestPath, stages: [toolchain]}];
}

/** The stage that builds a recipe. */
export function dependencyStageId(recipe: string): StageId {
  return `dependency/${recipe}`;
}
