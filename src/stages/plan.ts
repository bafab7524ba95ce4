import {failure, success, type Result} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import {optimizationRank, variantName, type Variant} from '../core/variant.js';
import {matches} from '../data/condition.js';
import {buildGraph, closure, type BuildGraph} from '../graph/graph.js';
import type {SandboxStage, Stage} from '../graph/stage.js';
import {auditStages} from './audit-stages.js';
import {cpythonStages, type CpythonStages} from './cpython-stage.js';
import {dependencyClosure, dependencyStage} from './dependency-stage.js';
import {developStage, whyNotDeveloped} from './develop-stage.js';
import {distributionStages, type PlannedArchive} from './distribution-stages.js';
import {imageStage} from './image-stage.js';
import {libraryPartsOf} from './library-parts.js';
import {platformNames, stageNames, type LibraryPartsOf} from './names.js';
import type {InterpreterInputs, Project} from './project.js';
import {findPython} from './pythons.js';
import {resolveVariant, type VariantRequest} from './resolve-variant.js';
import {smokeStage} from './smoke-stage.js';
import {sysrootStages} from './sysroot-stages.js';
import {toolchainStages, usualToolchain} from './toolchain-stages.js';
import {validationStage} from './validation-stage.js';

/** What all distributions of a plan share. */
export interface PlanSettings {
  /** Seconds since 1970: the archives' date instead of that of the newest source. */
  readonly releaseEpoch: number | undefined;
}

/** The requested build. */
export interface BuildRequest extends VariantRequest {
  readonly releaseEpoch: number | undefined;
}

/** One distribution of a plan. */
export interface PlannedDistribution {
  readonly variant: Variant;
  readonly archives: readonly PlannedArchive[];
  /** All stages that it needs, including shared ones. */
  readonly stages: ReadonlySet<StageId>;
}

/** A build graph and which of its artifacts are the archives. */
export interface Plan {
  readonly graph: BuildGraph;
  readonly distributions: readonly PlannedDistribution[];
}

/** Plans many distributions as one graph, in which equal stages are one stage. Pure. */
export function planMatrix(
  project: Project,
  variants: readonly Variant[],
  {releaseEpoch}: PlanSettings,
): Result<Plan> {
  const stages = new StageSet();
  const libraryParts = libraryPartsOf(project);
  const archivesOf = new Map<Variant, readonly PlannedArchive[]>();
  const places = new Set<string>();
  const distinct = new Map(variants.map((variant) => [variantName(variant), variant]));
  // The most optimized one first: it has the archives whose names do not say how much it is optimized.
  const ranked = [...distinct.values()].sort(
    (one, other) => optimizationRank(other.options) - optimizationRank(one.options),
  );
  for (const variant of ranked) {
    const interpreter = planInterpreter({project, variant, libraryParts}, stages);
    if (!interpreter.ok) return interpreter;
    const {inputs, python} = interpreter.value;
    const {metadata, ...made} = distributionStages({
      ...inputs,
      setupLocal: python.setupLocal.id,
      cpython: python.cpython,
      releaseEpoch,
    });
    const place = (fileName: string) => `${variantName({...variant, options: []})}/${fileName}`;
    const archives = made.archives.filter(({fileName}) => !places.has(place(fileName)));
    for (const {fileName} of archives) places.add(place(fileName));
    stages.add(...interpreterStages(python), smokeStage(inputs, python), metadata);
    stages.add(...archives.map(({stage}) => stage));
    stages.add(...archives.map((archive) => validationStage(archive, inputs)));
    archivesOf.set(variant, archives);
  }
  const graph = buildGraph(stages.all());
  if (!graph.ok) return graph;
  const distributions = [...distinct.values()].map((variant) => {
    const archives = archivesOf.get(variant) ?? [];
    const {smoke, validation} = stageNames(variant, libraryParts);
    const ends = [smoke, ...archives.map(({flavour}) => validation(flavour))];
    return {variant, archives, stages: closure(graph.value, ends)};
  });
  return success({graph: graph.value, distributions});
}

/** Plans one distribution. */
export function planDistribution(project: Project, request: BuildRequest): Result<Plan> {
  const variant = resolveVariant(project, request);
  if (!variant.ok) return variant;
  return planMatrix(project, [variant.value], {releaseEpoch: request.releaseEpoch});
}

/** The build graphs of an audit, in the order in which they are run. */
export interface AuditPlan {
  readonly variant: Variant;
  /** Upstream's build, which does not depend on static-modules/. */
  readonly upstream: BuildGraph;
  /** Our own build, recorded. */
  readonly ours: BuildGraph;
  readonly stageIds: Readonly<Record<'setupFiles' | 'upstream' | 'recorded', StageId>>;
}

/** Plans the builds that an audit compares. Pure. */
export function planAudit(project: Project, request: VariantRequest): Result<AuditPlan> {
  const resolved = resolveVariant(project, request);
  if (!resolved.ok) return resolved;
  const variant = resolved.value;
  const stages = new StageSet();
  const libraryParts = libraryPartsOf(project);
  const planned = planInterpreter({project, variant, libraryParts}, stages);
  if (!planned.ok) return planned;
  const {inputs, python} = planned.value;
  const audit = auditStages(inputs, python.cpython);
  const upstream = buildGraph([...stages.all(), python.setupFiles, audit.upstream]);
  if (!upstream.ok) return upstream;
  const ours = buildGraph([...stages.all(), ...interpreterStages(python), audit.recorded]);
  if (!ours.ok) return ours;
  return success({
    variant,
    upstream: upstream.value,
    ours: ours.value,
    stageIds: {
      setupFiles: python.setupFiles.id,
      upstream: audit.upstream.id,
      recorded: audit.recorded.id,
    },
  });
}

/** What a developer's tree is made with, and how. */
export interface DevelopPlan {
  readonly variant: Variant;
  /** The inputs: image, sysroot, static libraries. */
  readonly inputs: BuildGraph;
  readonly stage: SandboxStage;
  /** The image that commands beside make run in. */
  readonly commandImage: StageId;
}

/**
 * Plans work on a developer's tree. Pure. Mistakes: options that need a patch of Ampoule.
 * @param commandImage the image that commands run in, if it is not the one that compiles.
 */
export function planDevelop(
  project: Project,
  variant: Variant,
  commandImage?: StageId,
): Result<DevelopPlan> {
  const stages = new StageSet();
  const planned = planInterpreter(
    {project, variant, libraryParts: libraryPartsOf(project)},
    stages,
  );
  if (!planned.ok) return planned;
  const refusal = whyNotDeveloped(planned.value.inputs);
  if (refusal !== undefined) return failure([{file: '--options', message: refusal}]);
  const image = commandImage === undefined ? undefined : project.images.get(commandImage);
  if (commandImage !== undefined && image !== undefined)
    stages.add(imageStage(commandImage, image));
  const stage = developStage(planned.value.inputs);
  const inputs = buildGraph(stages.all());
  if (!inputs.ok) return inputs;
  return success({
    variant,
    inputs: inputs.value,
    stage,
    commandImage: commandImage ?? stage.rootfs,
  });
}

/** The stages of a graph under construction. Stages with the same id are equal (`stageParts`) and kept once. */
class StageSet {
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

function interpreterStages(python: CpythonStages): readonly Stage[] {
  return [python.setupFiles, python.setupLocal, ...python.training, python.cpython];
}

function rootfsOf(stage: Stage): readonly StageId[] {
  return stage.kind === 'sandbox' ? [stage.rootfs] : [];
}

interface PlannedInterpreter {
  readonly inputs: InterpreterInputs;
  readonly python: CpythonStages;
}

/** The inputs of planning one interpreter. */
interface InterpreterSettings extends Pick<InterpreterInputs, 'project'> {
  readonly variant: Variant;
  readonly libraryParts: LibraryPartsOf;
}

/** Makes the stages of one interpreter, and adds its images and recipes to `stages`. */
function planInterpreter(
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
  for (const name of dependencies) {
    const recipe = project.recipes.get(name);
    if (recipe === undefined || stages.has(names.dependency(name))) continue;
    const parts = libraryParts(name, variant);
    stages.add(dependencyStage(recipe, project, platformNames(parts, libraryParts), parts));
  }
  const inputs = {
    ...{folder: python.value.folder, project, names},
    ...{context: variant, dependencies},
  };
  const interpreter = cpythonStages(inputs);
  for (const name of [names.rootfs, ...interpreterStages(interpreter).flatMap(rootfsOf)]) {
    const image = project.images.get(name);
    if (image !== undefined) stages.add(imageStage(name, image));
  }
  return success({inputs, python: interpreter});
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
