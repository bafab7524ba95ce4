import type {StageId} from '../core/stage-id.js';
import {printBuildOptions} from '../core/variant.js';
import {hostStage, type HostStage, type SandboxStage} from '../graph/stage.js';
import {compileEnvironment} from '../recipe/environment.js';
import {renderHookScript} from '../recipe/render-hooks.js';
import {selectSource} from '../recipe/select-source.js';
import {definitionsToJson} from '../setup-local/definitions-to-json.js';
import {setupLocalFunction} from '../setup-local/host-function.js';
import {patchFiles, pick} from './dependency-stage.js';
import {toolMounts, type PartsOf} from './names.js';
import type {InterpreterInputs} from './project.js';

/** The stages that make the interpreter, each an input of the next. */
export interface CpythonStages {
  readonly setupFiles: SandboxStage;
  readonly setupLocal: HostStage;
  readonly cpython: SandboxStage;
}

/** Extracts `Modules/Setup*` from the source, writes `Setup.local`, and builds CPython. */
export function cpythonStages(inputs: InterpreterInputs): CpythonStages {
  const setupFiles = setupFilesStage(inputs);
  const setupLocal = setupLocalStage(inputs, setupFiles.id);
  return {setupFiles, setupLocal, cpython: cpythonStage(inputs, setupLocal.id)};
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
      python: context.python,
      target: context.target.triple,
      options: printBuildOptions(context.options),
      definitions: definitionsToJson(project.moduleDefinitions),
    },
    sources: [],
    inputs: {'setup-files': setupFiles},
  });
}

function cpythonStage(inputs: InterpreterInputs, setupLocal: StageId): SandboxStage {
  const {folder, names, context, dependencies} = inputs;
  const {source, sourceDateEpoch} = selectSource(folder.recipe, context.sourceSet);
  const {script, patches, files} = renderHookScript(folder.recipe, installPrefix, context);
  return {
    kind: 'sandbox',
    id: names.cpython,
    rootfs: names.rootfs,
    mounts: [
      ...toolMounts(names),
      {guestPath: '/sysroot', stages: [names.sysroot]},
      {guestPath: '/deps', stages: dependencies.map(names.dependency)},
      {guestPath: '/in', stages: [setupLocal]},
    ],
    sources: [source],
    files: {
      ...pick(folder.files, files, (name) => name),
      ...patchFiles(folder, patches, context),
    },
    environment: {
      ...compileEnvironment(context, {part: 'cpython', sourceDateEpoch}),
      PYTHON_VERSION: context.python,
      PYTHON_SOURCE: source.fileName,
      PYTHON_OPTIONS: printBuildOptions(context.options),
      PYTHON_PATCHES: patches.join(' '),
      TARGET_TRIPLE: context.target.triple,
    },
    script,
  };
}
