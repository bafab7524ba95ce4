import {failure, success, type Result} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {SourceSet} from '../core/target.js';
import {variantName} from '../core/variant.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import type {SandboxStage, Stage} from '../graph/stage.js';
import {toolsGuestPath} from '../recipe/environment.js';
import {selectSource} from '../recipe/select-source.js';
import type {Revisions} from './host-functions.js';
import {imageStage} from './image-stage.js';
import type {Project} from './project.js';

/** LLVM's names of the processors that its compilers can make code for, as release 22 lists them (`LLVM_ALL_TARGETS`). */
export const llvmTargets: readonly string[] = (
  'AArch64 AMDGPU ARM AVR BPF Hexagon Lanai LoongArch Mips MSP430 NVPTX PowerPC RISCV Sparc SPIRV SystemZ VE ' +
  'WebAssembly X86 XCore'
).split(' ');

/** What of the toolchain `bootstrap` is built, and from what. */
export interface ToolchainRequest {
  readonly sourceSet: SourceSet;
  /** Names of `llvmTargets` in that order, `X86` among them: the processor that builds. */
  readonly llvmTargets: readonly string[];
  /** Whether `llvm-bolt` with its runtime is built too. */
  readonly hasBolt: boolean;
}

/** What a build needs of it. */
export const usualToolchain = {llvmTargets: ['X86'], hasBolt: false} as const;

/** The image whose compiler is the seed. */
export const seedImage = 'rootfs/bootstrap';

/** The stages of the toolchain that is built from these sources, each an input of the next. */
export function toolchainStageIds(
  sourceSet: SourceSet,
): Readonly<Record<'cmake' | 'binutils' | 'gcc' | 'llvm' | 'bolt', StageId>> {
  const parts = variantName({sourceSet});
  const id = (name: string): StageId =>
    ['toolchain', name, ...(parts === '' ? [] : [parts])].join('/');
  return {
    cmake: id('cmake'),
    binutils: id('binutils'),
    gcc: id('gcc'),
    llvm: id('llvm'),
    bolt: id('llvm-bolt'),
  };
}

/** The build graph of the toolchain alone. */
export interface ToolchainPlan {
  readonly graph: BuildGraph;
  readonly toolchain: ToolchainRequest;
}

/** Plans the toolchain `bootstrap`. Nothing is read and nothing runs. */
export function planToolchain(
  project: Project,
  request: ToolchainRequest,
  revisions: Revisions,
): Result<ToolchainPlan> {
  const stages = toolchainStages(project, request, revisions);
  if (!stages.ok) return stages;
  const graph = buildGraph(stages.value);
  return graph.ok ? success({graph: graph.value, toolchain: request}) : graph;
}

/** What the toolchain is built from, in the order of the stages. */
export const toolchainRecipes: readonly string[] = ['cmake', 'binutils', 'gcc', 'llvm'];

/** What makes one of the tools. */
interface Tool {
  readonly id: StageId;
  readonly recipe: string;
  /** The stages in `/tools`. */
  readonly tools: readonly StageId[];
  readonly environment: Readonly<Record<string, string>>;
  readonly isResumable: boolean;
}

/**
 * CMake and binutils by the seed image's compiler, GCC by the same with these binutils, LLVM by this GCC. The two that
 * take longest are resumed: their scripts are written for it.
 */
export function toolchainStages(
  project: Project,
  request: ToolchainRequest,
  revisions: Revisions,
): Result<readonly Stage[]> {
  const {bolt, binutils, cmake, gcc, llvm} = toolchainStageIds(request.sourceSet);
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
  const stages: Stage[] = [imageStage(seedImage, image, revisions)];
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
