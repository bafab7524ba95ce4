import {hasSanitizer, printBuildOptions} from '../core/build-options.js';
import {failure, InternalError, success, type Result} from '../core/errors.js';
import {ownCommand} from '../core/own-command.js';
import type {StageId} from '../core/stage-id.js';
import type {Variant} from '../core/variant.js';
import {select, type Conditional} from '../data/condition.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import type {SandboxStage} from '../graph/stage.js';
import {compileEnvironment} from '../recipe/environment.js';
import type {HookBuild} from '../recipe/recipe.js';
import {quoteAll} from '../recipe/shell.js';
import {rootfsFor} from './cpython-stage.js';
import {imageStage} from './image-stage.js';
import {libraryPartsOf} from './library-parts.js';
import {compileMounts} from './names.js';
import {planInterpreter, StageSet} from './plan-interpreter.js';
import type {InterpreterInputs, Project} from './project.js';

/** The image with debuggers and other aids for people, besides all that the image `build` has. */
export const developImage = 'rootfs/develop';

/** Variables that make outputs reproducible. They change how CPython's own tests behave. */
const ofReleases = ['HOME', 'PYTHONHASHSEED', 'SOURCE_DATE_EPOCH', 'ZERO_AR_DATE'];

/** What a developer's tree is made with, and how. */
export interface DevelopPlan {
  readonly variant: Variant;
  /** The inputs: image, sysroot, static libraries. */
  readonly inputs: BuildGraph;
  readonly stage: SandboxStage;
  /** Shell lines that export what configure and make read from the environment, for a shell in which make is called. */
  readonly exports: string;
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
  const scripts = optionScripts(planned.value.inputs);
  const stage = developStage(planned.value.inputs, scripts);
  const inputs = buildGraph(stages.all());
  if (!inputs.ok) return inputs;
  return success({
    variant,
    inputs: inputs.value,
    stage,
    exports: scripts,
    commandImage: commandImage ?? stage.rootfs,
  });
}

/** Why a tree cannot be developed with its build options as it is; `undefined` if it can. */
function whyNotDeveloped({folder, context}: InterpreterInputs): string | undefined {
  const needed = folder.recipe.patches.filter(({when}) => when.options !== undefined);
  const [patch] = select(needed, context);
  if (patch === undefined) return undefined;
  return (
    `${printBuildOptions(context.options)}: this version of CPython needs ${patch} for it, and a developer's tree is not patched.\n` +
    `Name other options; or ${ownCommand('build --python-source DIR')}, which applies patches.`
  );
}

/**
 * What configures and makes a developer's tree in a folder of the developer. It never runs as a stage of a graph: its
 * output is not an artifact. Without `PYTHON_TREE`, `PYTHON_STATE` and `PYTHON_DUE`, which depend on the folders.
 */
function developStage(inputs: InterpreterInputs, optionScripts: string): SandboxStage {
  const {folder, names, context, dependencies} = inputs;
  const environment = Object.entries(
    compileEnvironment(context, {part: 'cpython', sourceDateEpoch: 0}),
  ).filter(([name]) => !ofReleases.includes(name));
  return {
    kind: 'sandbox',
    id: `develop/${names.cpython.replace(/^[^/]*\//, '')}`,
    rootfs: rootfsFor(inputs, {needsRuntime: hasSanitizer(context.options)}),
    mounts: compileMounts(names, dependencies),
    sources: [],
    files: {},
    environment: {
      ...Object.fromEntries(environment),
      CFLAGS: withoutPrefixMaps(Object.fromEntries(environment)['CFLAGS'] ?? ''),
    },
    script: [
      'set -eu',
      optionScripts,
      folder.files['develop.sh'] ?? '',
      `configure_tree ${quoteAll(ofOptions(inputs, hooksOf(inputs).configure))}`,
      'exec make "$@"',
      '',
    ].join('\n'),
  };
}

/** The scripts of build options that come before configure. */
function optionScripts(inputs: InterpreterInputs): string {
  return ofOptions(inputs, hooksOf(inputs).prepare)
    .map((name) => inputs.folder.files[name] ?? '')
    .join('\n');
}

/** What belongs to a build option is for every tree; everything else is for distributions. */
function ofOptions<T>(
  {context}: InterpreterInputs,
  entries: readonly Conditional<T>[],
): readonly T[] {
  return select(
    entries.filter(({when}) => when.options !== undefined),
    context,
  );
}

function hooksOf({folder}: InterpreterInputs): HookBuild {
  const {build} = folder.recipe;
  if (build?.system === 'hooks') return build;
  throw new InternalError('an interpreter is built by hooks');
}

/** Debuggers find sources by the paths that they have on this machine. */
function withoutPrefixMaps(flags: string): string {
  return flags
    .split(' ')
    .filter((flag) => !flag.startsWith('-ffile-prefix-map='))
    .join(' ');
}
