import {hasSanitizer} from '../core/build-options.js';
import {InternalError, success, type Result} from '../core/errors.js';
import type {StageId} from '../core/stage-id.js';
import type {Variant} from '../core/variant.js';
import {select, type Conditional} from '../data/condition.js';
import {buildGraph, type BuildGraph} from '../graph/graph.js';
import type {SandboxStage} from '../graph/stage.js';
import {compileEnvironment} from '../recipe/environment.js';
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
}

/**
 * Plans work on a developer's tree. Pure.
 * @param rootfs the image to run commands in, if it is not the one that compiles.
 */
export function planDevelop(
  project: Project,
  variant: Variant,
  rootfs?: StageId,
): Result<DevelopPlan> {
  const stages = new StageSet();
  const planned = planInterpreter(
    {project, variant, libraryParts: libraryPartsOf(project)},
    stages,
  );
  if (!planned.ok) return planned;
  const image = rootfs === undefined ? undefined : project.images.get(rootfs);
  if (rootfs !== undefined && image !== undefined) stages.add(imageStage(rootfs, image));
  const stage = developStage(planned.value.inputs);
  const inputs = buildGraph(stages.all());
  if (!inputs.ok) return inputs;
  return success({variant, inputs: inputs.value, stage});
}

/**
 * What configures and makes a developer's tree in a folder of the developer. It never runs as a stage of a graph: its
 * output is not an artifact. Without `PYTHON_TREE`, `PYTHON_STATE` and `PYTHON_DUE`, which depend on the folders.
 */
function developStage(inputs: InterpreterInputs): SandboxStage {
  const {folder, names, context, dependencies} = inputs;
  const {build} = folder.recipe;
  if (build?.system !== 'hooks') throw new InternalError('an interpreter is built by hooks');
  // What belongs to a build option is for every tree; everything else is for distributions.
  const ofOptions = <T>(entries: readonly Conditional<T>[]): readonly T[] =>
    select(
      entries.filter(({when}) => when.options !== undefined),
      context,
    );
  const scripts = [...ofOptions(build.prepare), 'develop.sh'];
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
      ...scripts.map((name) => folder.files[name] ?? ''),
      `configure_tree ${quoteAll(ofOptions(build.configure))}`,
      'exec make "$@"',
      '',
    ].join('\n'),
  };
}

/** Debuggers find sources by the paths that they have on this machine. */
function withoutPrefixMaps(flags: string): string {
  return flags
    .split(' ')
    .filter((flag) => !flag.startsWith('-ffile-prefix-map='))
    .join(' ');
}
