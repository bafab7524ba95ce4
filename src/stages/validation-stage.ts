import type {Target} from '../core/target.js';
import type {HostStage} from '../graph/stage.js';
import type {PlannedArchive} from './distribution-stages.js';
import {targetToJson} from '../target/parse-target.js';
import {hostFunctionNames, type Revisions} from './host-functions.js';
import type {StageNames} from './names.js';

/** `validation/<variant>/<flavour>`: checks a finished archive. Fails when the archive must not be published. */
export function validationStage(
  archive: PlannedArchive,
  {names, target}: {readonly names: StageNames; readonly target: Target},
  revisions: Revisions,
): HostStage {
  return {
    kind: 'host',
    id: names.validation(archive.flavour),
    function: hostFunctionNames.validateArchive,
    revision: revisions.validateArchive,
    parameters: {fileName: archive.fileName, target: targetToJson(target)},
    sources: [],
    inputs: {archive: archive.stage.id},
  };
}
