import {failure, success, type Result} from '../core/errors.js';
import type {SourceSet, Target} from '../core/target.js';
import type {ToolchainKind} from '../core/toolchain.js';
import {parseBuildOptions, type Variant} from '../core/variant.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import type {Stage} from '../graph/stage.js';
import {matches} from '../data/condition.js';
import {selectSource} from '../recipe/select-source.js';
import type {StageId} from '../core/stage-id.js';
import {auditStages} from './audit-stages.js';
import {chooseGlibcFloor} from './choose-glibc-floor.js';
import {cpythonStages, type CpythonStages} from './cpython-stage.js';
import {dependencyClosure, dependencyStage} from './dependency-stage.js';
import {distributionStages, type PlannedArchive} from './distribution-stages.js';
import {imageStage} from './image-stage.js';
import type {StageNames} from './names.js';
import type {InterpreterInputs, Project} from './project.js';
import {findPython} from './pythons.js';
import {sysrootStages} from './sysroot-stages.js';
import {toolchainStageIds, toolchainStages, usualToolchain} from './toolchain-stages.js';
import {validationStage} from './validation-stage.js';

/** What a person asks to be built. */
export interface BuildRequest {
  /** `3.14`, `3.14.7` or `cpython-3.14`. */
  readonly python: string;
  /** A triple. */
  readonly target: string;
  /** An option string, `noopt`. */
  readonly options: string;
  readonly sourceSet: SourceSet;
  readonly toolchain: ToolchainKind;
  /** A glibc version, `suite`, or `undefined` for the target's usual floor. */
  readonly glibc: string | undefined;
  /** Seconds since 1970: the archives' date instead of that of the newest source. */
  readonly releaseEpoch: number | undefined;
}

/** A build graph and which of its artifacts are the archives. */
export interface Plan {
  readonly graph: BuildGraph;
  readonly archives: readonly PlannedArchive[];
  readonly context: Variant;
}

/** Joins everything into one graph. Nothing is read and nothing runs. */
export function planDistribution(project: Project, request: BuildRequest): Result<Plan> {
  const planned = planInterpreter(project, request);
  if (!planned.ok) return planned;
  const {inputs, inputStages, python} = planned.value;
  const distribution = distributionStages({
    ...inputs,
    setupLocal: python.setupLocal.id,
    cpython: python.cpython,
    releaseEpoch: request.releaseEpoch,
  });
  const stages: readonly Stage[] = [
    ...inputStages,
    ...Object.values<Stage>({...python}),
    distribution.metadata,
    ...distribution.archives.map((archive) => archive.stage),
    ...distribution.archives.map((archive) => validationStage(archive, inputs.context.target)),
  ];
  const graph = buildGraph(stages);
  if (!graph.ok) return graph;
  const {context} = inputs;
  return success({graph: graph.value, archives: distribution.archives, context});
}

/** The build graphs of an audit, in the order in which they are run. */
export interface AuditPlan {
  readonly context: Variant;
  /** Upstream's build; it needs nothing of what we say about extension modules. */
  readonly upstream: BuildGraph;
  /** Our own build, recorded. */
  readonly ours: BuildGraph;
  readonly stageIds: Readonly<Record<'setupFiles' | 'upstream' | 'recorded', StageId>>;
}

/** Plans the builds that an audit compares. Nothing is read and nothing runs. */
export function planAudit(project: Project, request: BuildRequest): Result<AuditPlan> {
  const planned = planInterpreter(project, request);
  if (!planned.ok) return planned;
  const {inputs, inputStages, python} = planned.value;
  const audit = auditStages(inputs, python.cpython);
  const upstream = buildGraph([...inputStages, python.setupFiles, audit.upstream]);
  if (!upstream.ok) return upstream;
  const ours = buildGraph([...inputStages, ...Object.values<Stage>({...python}), audit.recorded]);
  if (!ours.ok) return ours;
  return success({
    context: inputs.context,
    upstream: upstream.value,
    ours: ours.value,
    stageIds: {
      setupFiles: python.setupFiles.id,
      upstream: audit.upstream.id,
      recorded: audit.recorded.id,
    },
  });
}

interface PlannedInterpreter {
  readonly inputs: InterpreterInputs;
  /** Images and recipes: what the interpreter is built in and from. */
  readonly inputStages: readonly Stage[];
  readonly python: CpythonStages;
}

function planInterpreter(project: Project, request: BuildRequest): Result<PlannedInterpreter> {
  const wanted = findTarget(project, request);
  if (!wanted.ok) return wanted;
  const target = wanted.value;
  const folder = findPython(project, request.python, request.sourceSet);
  if (!folder.ok) return folder;
  const names: StageNames = {...toolNames[request.toolchain], sysroot: `sysroot/${target.triple}`};
  const sysroot = project.images.get(names.sysroot);
  const floor = chooseGlibcFloor(request.glibc, target, sysroot);
  if (!floor.ok) return floor;
  const options = parseBuildOptions(request.options);
  if (!options.ok) return options;
  const context: Variant = {
    python: selectSource(folder.value.recipe, request.sourceSet).version,
    target,
    sourceSet: request.sourceSet,
    options: options.value,
    toolchain: request.toolchain,
    ...(floor.value === undefined ? {} : {glibcFloor: floor.value}),
  };
  const dependencies = dependencyClosure(linkedRecipes(project, context), project, context);
  const inputs = {folder: folder.value, project, names, context, dependencies};
  const toolchain = toolchainOf(project, context);
  if (!toolchain.ok) return toolchain;
  const rootfs = project.images.get(names.rootfs);
  const images = [
    ...(rootfs === undefined ? [] : [imageStage(names.rootfs, rootfs)]),
    ...(sysroot === undefined ? [] : sysrootStages(sysroot, names, context)),
  ];
  const recipes = dependencies.flatMap((name) => {
    const recipe = project.recipes.get(name);
    return recipe === undefined ? [] : [dependencyStage(recipe, project, names, context)];
  });
  const inputStages = [...toolchain.value, ...images, ...recipes];
  return success({inputs, inputStages, python: cpythonStages(inputs)});
}

/** What compilers come from, and the image that everything is built in. */
const toolNames: Readonly<Record<ToolchainKind, Pick<StageNames, 'rootfs' | 'toolchain'>>> = {
  debian: {rootfs: 'rootfs/build', toolchain: undefined},
  bootstrap: {rootfs: 'rootfs/base', toolchain: toolchainStageIds.llvm},
};

function toolchainOf(
  project: Project,
  {sourceSet, target, toolchain}: Variant,
): Result<readonly Stage[]> {
  if (toolchain === 'debian') return success([]);
  return toolchainStages(project, {sourceSet, ...usualToolchain(target)});
}

/** The recipes that some enabled module of this Python links with, in the order the modules are written. */
function linkedRecipes(project: Project, context: Variant): readonly string[] {
  const variants = project.moduleDefinitions.flatMap((definition) =>
    definition.variants.filter(
      (variant) => variant.linkage !== 'disabled' && matches(variant.when, context),
    ),
  );
  const names = variants.flatMap((variant) =>
    variant.libraries.flatMap(({dependency}) => dependency ?? []),
  );
  return [...new Set(names)];
}

function findTarget({targets}: Project, {target}: BuildRequest): Result<Target> {
  const found = targets.get(target);
  if (found !== undefined) return success(found);
  const offered = [...targets.keys()].join(', ');
  const message = `there is no target "${target}". Wanted one of ${offered}.`;
  return failure([{file: '--target', message}]);
}
