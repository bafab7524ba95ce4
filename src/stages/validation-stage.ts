import type {HostStage} from '../graph/stage.js';
import type {PlannedArchive} from './distribution-stages.js';
import type {StageNames} from './names.js';
import {hostFunctionNames, type Revisions} from './host-functions.js';

/** `validation/<variant>/<flavour>`: checks a finished archive. Fails when the archive must not be published. */
export function validationStage(
  archive: PlannedArchive,
  names: StageNames,
  revisions: Revisions,
): HostStage {
  return {
    kind: 'host',
    id: names.validation(archive.flavour),
    function: hostFunctionNames.validateArchive,
    revision: revisions.validateArchive,
    parameters: {fileName: archive.fileName},
    sources: [],
    inputs: {archive: archive.stage.id},
  };
}
