import {buildMachine} from '../core/build-machine.js';
import {failure, success, type Result} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {SourceSet, Target} from '../core/target.js';
import {llvmTargets} from '../core/toolchain.js';
import {variantName} from '../core/variant.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import type {SandboxStage, Stage} from '../graph/stage.js';
import {toolsGuestPath} from '../recipe/environment.js';
import {selectSource} from '../recipe/select-source.js';
import {imageStage} from './image-stage.js';
import type {Project} from './project.js';

/** Which parts of the toolchain `bootstrap` are built, and their inputs. */
export interface ToolchainRequest {
  readonly sourceSet: SourceSet;
  /** Names of `llvmTargets` in that order, including the build machine's. */
  readonly llvmTargets: readonly string[];
  /** Whether `llvm-bolt` with its runtime is built too. */
  readonly hasBolt: boolean;
}

/** The part that a build for a target needs. */
export function usualToolchain(target: Pick<Target, 'llvm'>): Omit<ToolchainRequest, 'sourceSet'> {
  const needed = [buildMachine.llvm, target.llvm];
  return {llvmTargets: llvmTargets.filter((name) => needed.includes(name)), hasBolt: false};
}

/** The image whose compiler is the seed. */
export const seedImage = 'rootfs/bootstrap';

/**
 * The ids of the toolchain's stages for a source set, each an input of the next. Those of LLVM contain its processors
 * other than the build machine's.
 */
export function toolchainStageIds({
  sourceSet,
  llvmTargets: names,
}: Omit<ToolchainRequest, 'hasBolt'>): Readonly<
  Record<'cmake' | 'binutils' | 'gcc' | 'llvm' | 'bolt', StageId>
> {
  const others = names.filter((name) => name !== buildMachine.llvm);
  const id = (name: string, processors: readonly string[] = []): StageId => {
    const parts = [...processors, variantName({sourceSet})].filter((part) => part !== '');
    return ['toolchain', name, ...(parts.length === 0 ? [] : [parts.join('-')])].join('/');
  };
  return {
    cmake: id('cmake'),
    binutils: id('binutils'),
    gcc: id('gcc'),
    llvm: id('llvm', others),
    bolt: id('llvm-bolt', others),
  };
}

/** The build graph of the toolchain alone. */
export interface ToolchainPlan {
  readonly graph: BuildGraph;
  readonly toolchain: ToolchainRequest;
}

/** Plans the toolchain `bootstrap`. Pure. */
export function planToolchain(project: Project, request: ToolchainRequest): Result<ToolchainPlan> {
  const stages = toolchainStages(project, request);
  if (!stages.ok) return stages;
  const graph = buildGraph(stages.value);
  return graph.ok ? success({graph: graph.value, toolchain: request}) : graph;
}

/** The recipes of the toolchain, in the order of the stages. */
export const toolchainRecipes: readonly string[] = ['cmake', 'binutils', 'gcc', 'llvm'];

/** The inputs of one tool. */
interface Tool {
  readonly id: StageId;
  readonly recipe: string;
  /** The stages in `/tools`. */
  readonly tools: readonly StageId[];
  readonly environment: Readonly<Record<string, string>>;
  readonly isResumable: boolean;
}

/**
 * CMake and binutils by the seed image's compiler, GCC by the same with these binutils, LLVM by this GCC. The two
 * longest stages are resumable; their scripts support it.
 */
export function toolchainStages(
  project: Project,
  request: ToolchainRequest,
): Result<readonly Stage[]> {
  const {bolt, binutils, cmake, gcc, llvm} = toolchainStageIds(request);
  const image = project.images.get(seedImage);
  if (image === undefined) return missing('docker/bootstrap');
  const compilers = [cmake, binutils, gcc];
  const part = (name: string): Readonly<Record<string, string>> => ({
    LLVM_PART: name,
    LLVM_TARGETS: request.llvmTargets.join(';'),
  });
  const llvmTool = {recipe: 'llvm', tools: compilers, isResumable: true};
  const tools: readonly Tool[] = [
    {id: cmake, recipe: 'cmake', tools: [], environment: {}, isResumable: false},
    {id: binutils, recipe: 'binutils', tools: [], environment: {}, isResumable: false},
    {id: gcc, recipe: 'gcc', tools: [binutils], environment: {}, isResumable: true},
    {id: llvm, ...llvmTool, environment: part('toolchain')},
    ...(request.hasBolt ? [{id: bolt, ...llvmTool, environment: part('bolt')}] : []),
  ];
  const stages: Stage[] = [imageStage(seedImage, image)];
  for (const tool of tools) {
    const stage = toolStage(tool, project, request.sourceSet);
    if (stage === undefined) return missing(`recipes/${tool.recipe}`);
    stages.push(stage);
  }
  return success(stages);
}

function missing(folder: string): Result<never> {
  const message = `${folder} is missing: the toolchain \`bootstrap\` is built from it; copy it from Ampoule's own folder`;
  return failure([{file: '--project', message}]);
}

function toolStage(tool: Tool, project: Project, sourceSet: SourceSet): SandboxStage | undefined {
  const folder = project.recipes.get(tool.recipe);
  if (folder === undefined) return undefined;
  const {source, sourceDateEpoch} = selectSource(folder.recipe, sourceSet);
  return {
    kind: 'sandbox',
    id: tool.id,
    rootfs: seedImage,
    mounts: tool.tools.length === 0 ? [] : [{guestPath: toolsGuestPath, stages: tool.tools}],
    sources: [source],
    files: {...project.toolchainScripts, ...folder.files},
    environment: {
      PATH: `${toolsGuestPath}/bin:/usr/bin:/usr/sbin`,
      HOME: '/build',
      TMPDIR: '/tmp',
      LC_ALL: 'C.UTF-8',
      TZ: 'UTC',
      SOURCE_DATE_EPOCH: String(sourceDateEpoch),
      TOOLCHAIN_SOURCE: source.fileName,
      ...tool.environment,
    },
    script: 'exec sh -eu /src/build.sh\n',
    ...(tool.isResumable ? {isResumable: true as const} : {}),
  };
}
