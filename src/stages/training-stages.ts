import {printBuildOptions} from '../core/build-options.js';
import type {SandboxStage} from '../graph/stage.js';
import {compileEnvironment} from '../recipe/environment.js';
import {renderTrainScript} from '../recipe/render-hooks.js';
import {selectSource} from '../recipe/select-source.js';
import {namedFiles} from './dependency-stage.js';
import {toolMounts} from './names.js';
import type {InterpreterInputs} from './project.js';

/**
 * `profile/<variant>`: runs the instrumented interpreter on CPython's own training task. The artifact is the profile
 * that the compiler reads. It is the one stage whose bytes may differ between two runs.
 */
export function profileStage({
  folder,
  names,
  context,
}: Pick<InterpreterInputs, 'folder' | 'names' | 'context'>): SandboxStage {
  const {sourceDateEpoch} = selectSource(folder.recipe, context.sourceSet);
  const {script, files} = renderTrainScript(folder.recipe, context);
  return {
    kind: 'sandbox',
    id: names.profile,
    rootfs: names.rootfs,
    mounts: [...toolMounts(names), {guestPath: '/in', stages: [names.instrumented]}],
    sources: [],
    files: namedFiles(folder.files, files, script),
    environment: {
      ...compileEnvironment(context, {part: 'cpython', sourceDateEpoch}),
      PYTHON_VERSION: context.python,
      PYTHON_OPTIONS: printBuildOptions(context.options),
    },
    script,
  };
}
