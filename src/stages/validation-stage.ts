import type {HostStage} from '../graph/stage.js';
import {targetToJson} from '../target/parse-target.js';
import type {PlannedArchive} from './distribution-stages.js';
import {hostFunctionNames} from './host-functions.js';
import type {InterpreterInputs} from './project.js';

/** `validation/<variant>/<flavour>`: checks a finished archive; fails if it must not be published. */
export function validationStage(
  archive: PlannedArchive,
  {names, context, revisions}: InterpreterInputs,
): HostStage {
  return {
    kind: 'host',
    id: names.validation(archive.flavour),
    function: hostFunctionNames.validateArchive,
    revision: revisions.validateArchive,
    parameters: {fileName: archive.fileName, target: targetToJson(context.target)},
    sources: [],
    inputs: {archive: archive.stage.id},
  };
}
