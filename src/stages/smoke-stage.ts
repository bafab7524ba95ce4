import {sanitizerEnvironment} from '../core/sanitizer-environment.js';
import type {SandboxStage} from '../graph/stage.js';
import type {CpythonStages} from './cpython-stage.js';
import {pick} from './dependency-stage.js';
import type {InterpreterInputs} from './project.js';

/**
 * `smoke/<variant>`: runs the interpreter for the first time, on a matching machine. No archive depends on its output,
 * but if it fails nothing is published.
 */
export function smokeStage(
  {folder, names, context}: InterpreterInputs,
  {setupLocal, cpython}: CpythonStages,
): SandboxStage {
  return {
    kind: 'sandbox',
    id: names.smoke,
    rootfs: names.rootfs,
    mounts: [{guestPath: '/in', stages: [setupLocal.id, cpython.id]}],
    sources: [],
    files: pick(folder.files, ['smoke.py'], (name) => name),
    environment: {
      ...{PATH: '/usr/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC', TMPDIR: '/tmp'},
      ...sanitizerEnvironment(context.options),
    },
    script:
      'set -eu\n' +
      '/in/python/install/bin/python3 -I -B /src/smoke.py --install /in/python/install \\\n' +
      '  --runtime /in/meta/runtime.json --expected /in/modules.json >/out/imported.txt\n',
  };
}
