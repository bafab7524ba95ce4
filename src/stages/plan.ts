import {optimizationRank} from '../core/build-options.js';
import {success, type Result} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import {usualProfileKind, variantName, type Variant} from '../core/variant.js';
import {buildGraph, closure, type BuildGraph} from '../graph/graph.js';
import {distributionStages, type PlannedArchive} from './distribution-stages.js';
import {libraryPartsOf} from './library-parts.js';
import {addAllLibraries, testStages, withTests} from './library-stages.js';
import {stageNames} from './names.js';
import {interpreterStages, planInterpreter, StageSet} from './plan-interpreter.js';
import type {PlannedProfile} from './profile-stage.js';
import type {Project} from './project.js';
import {resolveVariant, type VariantRequest} from './resolve-variant.js';
import {smokeStage} from './smoke-stage.js';
import {validationStage} from './validation-stage.js';

/** What all distributions of a plan share. */
export interface PlanSettings {
  /** Seconds since 1970: the archives' date instead of that of the newest source. */
  readonly releaseEpoch: number | undefined;
  /** Whether the graph also has the libraries that no module links. */
  readonly libraries?: 'linked' | 'all';
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
  /** The profiles of all distributions, each once. */
  readonly profiles: readonly PlannedProfile[];
}

/** Plans many distributions as one graph, in which equal stages are one stage. Pure. */
export function planMatrix(
  project: Project,
  variants: readonly Variant[],
  {releaseEpoch, libraries}: PlanSettings,
): Result<Plan> {
  const stages = new StageSet();
  const libraryParts = libraryPartsOf(project);
  const archivesOf = new Map<Variant, readonly PlannedArchive[]>();
  const profiles = new Map<StageId, PlannedProfile>();
  const places = new Set<string>();
  const distinct = new Map(variants.map((variant) => [variantName(variant), variant]));
  // The most optimized one first: it has the archives whose names do not say how much it is optimized.
  const ranked = [...distinct.values()].sort(
    (one, other) => optimizationRank(other.options) - optimizationRank(one.options),
  );
  for (const variant of ranked) {
    const interpreter = planInterpreter({project, variant, libraryParts}, stages);
    if (!interpreter.ok) return interpreter;
    const {inputs, python, profile} = interpreter.value;
    if (profile !== undefined) profiles.set(profile.stage, profile);
    const {metadata, ...made} = distributionStages({
      ...inputs,
      setupLocal: python.setupLocal.id,
      cpython: python.cpython,
      profile,
      releaseEpoch,
    });
    const alike = variantName({...variant, options: [], profile: usualProfileKind});
    const place = (fileName: string) => `${alike}/${fileName}`;
    const archives = made.archives.filter(({fileName}) => !places.has(place(fileName)));
    for (const {fileName} of archives) places.add(place(fileName));
    stages.add(...interpreterStages(python), smokeStage(inputs, python), metadata);
    stages.add(...archives.map(({stage}) => stage));
    stages.add(...archives.map((archive) => validationStage(archive, inputs)));
    archivesOf.set(variant, archives);
    const settings = {project, variant, libraryParts};
    stages.add(...testStages(inputs.dependencies, settings));
    if (libraries === 'all') addAllLibraries(settings, stages);
  }
  const graph = buildGraph(stages.all());
  if (!graph.ok) return graph;
  const distributions = [...distinct.values()].map((variant) => {
    const archives = archivesOf.get(variant) ?? [];
    const {smoke, validation} = stageNames(variant, libraryParts);
    const ends = [smoke, ...archives.map(({flavour}) => validation(flavour))];
    return {variant, archives, stages: closure(graph.value, withTests(graph.value, ends))};
  });
  return success({graph: graph.value, distributions, profiles: [...profiles.values()]});
}

/** Plans one distribution. */
export function planDistribution(project: Project, request: BuildRequest): Result<Plan> {
  const variant = resolveVariant(project, request);
  if (!variant.ok) return variant;
  return planMatrix(project, [variant.value], {releaseEpoch: request.releaseEpoch});
}
