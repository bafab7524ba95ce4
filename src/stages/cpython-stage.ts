import type {StageId} from '../core/stage-id.js';
import {sanitizerEnvironment} from '../core/sanitizer-environment.js';
import {hasSanitizer, printBuildOptions} from '../core/build-options.js';
import {hostStage, type HostStage, type SandboxStage, type Stage} from '../graph/stage.js';
import {compileEnvironment} from '../recipe/environment.js';
import {renderHookScript, renderInstrumentScript, type HookScript} from '../recipe/render-hooks.js';
import {selectSource} from '../recipe/select-source.js';
import {definitionsToJson} from '../setup-local/definitions-to-json.js';
import {setupLocalFunction} from '../setup-local/host-function.js';
import {namedFiles, patchFiles} from './dependency-stage.js';
import {compileMounts, trainedVariant, type PartsOf} from './names.js';
import type {InterpreterInputs} from './project.js';
import {profileStage, type PlannedProfile} from './profile-stage.js';

/** The stages that make the interpreter, each an input of the next. */
export interface CpythonStages {
  readonly setupFiles: SandboxStage;
  readonly setupLocal: HostStage;
  /** With the option `pgo`: the profile, and what leads to it. */
  readonly profile: readonly Stage[];
  readonly cpython: SandboxStage;
}

/** Extracts `Modules/Setup*` from the source, writes `Setup.local`, and builds CPython, with a profile if there is one. */
export function cpythonStages(
  inputs: InterpreterInputs,
  profile: PlannedProfile | undefined,
): CpythonStages {
  const setupFiles = setupFilesStage(inputs);
  const setupLocal = setupLocalStage(inputs, setupFiles.id);
  const input = [setupLocal.id, ...(profile === undefined ? [] : [profile.stage])];
  return {
    setupFiles,
    setupLocal,
    profile: profile === undefined ? [] : profileStages(inputs, profile, setupFiles.id),
    cpython: cpythonStage(inputs, input),
  };
}

/** The profile, and without a frozen one the interpreter that counts what it executes. */
function profileStages(
  inputs: InterpreterInputs,
  {frozen}: PlannedProfile,
  setupFiles: StageId,
): readonly Stage[] {
  const trained = {
    ...inputs,
    context: trainedVariant(inputs.context),
    names: {...inputs.names, setupLocal: inputs.names.trainedSetupLocal},
  };
  if (frozen !== undefined) return [profileStage(trained, frozen)];
  const setupLocal = setupLocalStage(trained, setupFiles);
  return [setupLocal, instrumentedStage(trained, setupLocal.id), profileStage(trained, undefined)];
}

/** The prefix of the build, which does not exist anywhere. */
const installPrefix = '/install';

function setupFilesStage({
  folder,
  names,
  context,
}: InterpreterInputs<PartsOf<'setupFiles'>>): SandboxStage {
  const {source} = selectSource(folder.recipe, context.sourceSet);
  const wanted = ['Setup', 'Setup.bootstrap.in', 'Setup.stdlib.in', 'config.c.in'];
  return {
    kind: 'sandbox',
    id: names.setupFiles,
    rootfs: names.rootfs,
    mounts: [],
    sources: [source],
    files: {},
    environment: {PATH: '/usr/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC'},
    script:
      'set -eu\n' +
      `tar --no-same-owner -xf '/src/${source.fileName}' --strip-components=1\n` +
      `cp ${wanted.map((name) => `Modules/${name}`).join(' ')} /out\n`,
  };
}

function setupLocalStage(
  inputs: InterpreterInputs<PartsOf<'setupLocal'>>,
  setupFiles: StageId,
): HostStage {
  const {names, project, context} = inputs;
  return hostStage(setupLocalFunction, {
    id: names.setupLocal,
    parameters: {
      python: context.ownTree?.likePython ?? context.python,
      target: context.target.triple,
      options: printBuildOptions(context.options),
      definitions: definitionsToJson(project.moduleDefinitions),
    },
    sources: [],
    inputs: {'setup-files': setupFiles},
    places: new Map(project.moduleDefinitions.map(({name, place}) => [name, place])),
  });
}

function cpythonStage(inputs: InterpreterInputs, input: readonly StageId[]): SandboxStage {
  const {folder, names, context} = inputs;
  return buildStage(inputs, {
    id: names.cpython,
    rootfs: rootfsFor(inputs, {needsRuntime: hasSanitizer(context.options)}),
    rendered: renderHookScript(folder.recipe, installPrefix, context),
    input,
  });
}

function instrumentedStage(inputs: InterpreterInputs, setupLocal: StageId): SandboxStage {
  const {folder, names, context} = inputs;
  return buildStage(inputs, {
    id: names.instrumented,
    rootfs: rootfsFor(inputs, {needsRuntime: true}),
    rendered: renderInstrumentScript(folder.recipe, installPrefix, context),
    input: [setupLocal],
  });
}

/** The image that an interpreter is built in: with what it needs beside the compiler. */
export function rootfsFor(
  {names, context}: Pick<InterpreterInputs, 'names' | 'context'>,
  {needsRuntime}: {readonly needsRuntime: boolean},
): StageId {
  if (context.options.includes('jit')) return names.jitRootfs;
  return needsRuntime ? names.instrumentRootfs : names.rootfs;
}

/** What distinguishes the builds of one source. */
interface InterpreterBuild extends Pick<SandboxStage, 'id' | 'rootfs'> {
  readonly rendered: HookScript;
  /** The stages in `/in`. */
  readonly input: readonly StageId[];
}

function buildStage(
  inputs: InterpreterInputs,
  {id, rootfs, rendered, input}: InterpreterBuild,
): SandboxStage {
  const {folder, names, context, dependencies} = inputs;
  const {source, sourceDateEpoch} = selectSource(folder.recipe, context.sourceSet);
  const {script, patches, files} = rendered;
  return {
    kind: 'sandbox',
    id,
    rootfs,
    mounts: [...compileMounts(names, dependencies), {guestPath: '/in', stages: input}],
    sources: [source],
    files: {
      ...namedFiles(folder.files, files, script),
      ...patchFiles(folder, patches, context),
    },
    environment: {
      ...compileEnvironment(context, {part: 'cpython', sourceDateEpoch}),
      ...sanitizerEnvironment(context.options),
      PYTHON_VERSION: context.python,
      PYTHON_SOURCE: source.fileName,
      PYTHON_OPTIONS: printBuildOptions(context.options),
      PYTHON_PATCHES: patches.join(' '),
      TARGET_TRIPLE: context.target.triple,
      ...(context.profile === undefined ? {} : {PYTHON_PROFILE: context.profile}),
    },
    script,
  };
}
