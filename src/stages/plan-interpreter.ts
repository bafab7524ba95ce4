import {success, type Result} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {Variant} from '../core/variant.js';
import {matches} from '../data/condition.js';
import type {Stage} from '../graph/stage.js';
import {cpythonStages, type CpythonStages} from './cpython-stage.js';
import {dependencyClosure, dependencyStage} from './dependency-stage.js';
import {imageStage} from './image-stage.js';
import {platformNames, stageNames, type LibraryPartsOf} from './names.js';
import {planProfile, type PlannedProfile} from './profile-stage.js';
import type {InterpreterInputs, Project} from './project.js';
import {findPython} from './pythons.js';
import {sysrootStages} from './sysroot-stages.js';
import {toolchainStages, usualToolchain} from './toolchain-stages.js';

/** The stages of a graph under construction. Stages with the same id are equal (`stageParts`) and kept once. */
export class StageSet {
  private readonly stages = new Map<StageId, Stage>();

  add(...stages: readonly Stage[]): void {
    for (const stage of stages) if (!this.stages.has(stage.id)) this.stages.set(stage.id, stage);
  }

  has(id: StageId): boolean {
    return this.stages.has(id);
  }

  all(): readonly Stage[] {
    return [...this.stages.values()];
  }
}

/** The stages of an interpreter, and what they were made from. */
interface PlannedInterpreter {
  readonly inputs: InterpreterInputs;
  readonly python: CpythonStages;
  /** `undefined` if it is built without a profile. */
  readonly profile: PlannedProfile | undefined;
}

/** The inputs of planning one interpreter. */
export interface InterpreterSettings extends Pick<InterpreterInputs, 'project'> {
  readonly variant: Variant;
  readonly libraryParts: LibraryPartsOf;
}

/** Makes the stages of one interpreter, and adds those of its images, libraries and toolchain to `stages`. */
export function planInterpreter(
  {project, variant, libraryParts}: InterpreterSettings,
  stages: StageSet,
): Result<PlannedInterpreter> {
  const python = findPython(project, variant.python, variant.sourceSet);
  if (!python.ok) return python;
  const names = stageNames(variant, libraryParts);
  const linked = linkedRecipes(project, variant);
  const dependencies = dependencyClosure(linked, project, variant);
  if (names.toolchain !== undefined && !stages.has(names.toolchain)) {
    const request = {sourceSet: variant.sourceSet, ...usualToolchain(variant.target)};
    const toolchain = toolchainStages(project, request);
    if (!toolchain.ok) return toolchain;
    stages.add(...toolchain.value);
  }
  const sysroot = project.images.get(names.sysrootImage);
  if (sysroot !== undefined && !stages.has(names.sysroot)) {
    stages.add(...sysrootStages(sysroot, names, variant));
  }
  addLibraries(dependencies, {project, variant, libraryParts}, stages);
  const inputs = {
    ...{folder: python.value.folder, project, names},
    ...{context: variant, dependencies},
  };
  const profile = planProfile(inputs);
  if (!profile.ok) return profile;
  const interpreter = cpythonStages(inputs, profile.value);
  for (const name of [names.rootfs, ...interpreterStages(interpreter).flatMap(rootfsOf)]) {
    const image = project.images.get(name);
    if (image !== undefined) stages.add(imageStage(name, image));
  }
  return success({inputs, python: interpreter, profile: profile.value});
}

/** Adds the stages of recipes, and of what they depend on. */
export function addLibraries(
  recipes: readonly string[],
  {project, variant, libraryParts}: InterpreterSettings,
  stages: StageSet,
): void {
  for (const name of recipes) {
    const recipe = project.recipes.get(name);
    const parts = libraryParts(name, variant);
    const names = platformNames(parts, libraryParts);
    if (recipe === undefined || stages.has(names.dependency(name))) continue;
    stages.add(dependencyStage(recipe, project, names, parts));
  }
}

/** The stages from the setup files of the source to the interpreter. */
export function interpreterStages(python: CpythonStages): readonly Stage[] {
  return [python.setupFiles, python.setupLocal, ...python.profile, python.cpython];
}

function rootfsOf(stage: Stage): readonly StageId[] {
  return stage.kind === 'sandbox' ? [stage.rootfs] : [];
}

/** The recipes that enabled modules of this Python link, in the order of the modules. */
function linkedRecipes(project: Project, variant: Variant): readonly string[] {
  const modules = project.moduleDefinitions.flatMap((definition) =>
    definition.variants.filter(
      ({linkage, when}) => linkage !== 'disabled' && matches(when, variant),
    ),
  );
  const names = modules.flatMap(({libraries}) =>
    libraries.flatMap(({dependency}) => dependency ?? []),
  );
  return [...new Set(names)];
}
