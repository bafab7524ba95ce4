import {hostStage, type HostStage} from '../graph/stage.js';
import {validateArchiveFunction} from '../policy/host-function.js';
import {targetToJson} from '../target/parse-target.js';
import type {PlannedArchive} from './distribution-stages.js';
import type {InterpreterInputs} from './project.js';

/** `validation/<variant>/<flavour>`: checks a finished archive; fails if it must not be published. */
export function validationStage(
  archive: PlannedArchive,
  {names, context}: InterpreterInputs,
): HostStage {
  return hostStage(validateArchiveFunction, {
    id: names.validation(archive.flavour),
    parameters: {fileName: archive.fileName, target: targetToJson(context.target)},
    sources: [],
    inputs: {archive: archive.stage.id},
  });
}
