import type {HostStage} from '../graph/stage.js';
import type {PlannedArchive} from './distribution-stages.js';
import {hostFunctionNames, type Revisions} from './host-functions.js';

/** `validation/<flavour>`: checks a finished archive. Fails when the archive must not be published. */
export function validationStage(archive: PlannedArchive, revisions: Revisions): HostStage {
  return {
    kind: 'host',
    id: `validation/${archive.flavour}`,
    function: hostFunctionNames.validateArchive,
    revision: revisions.validateArchive,
    parameters: {fileName: archive.fileName},
    sources: [],
    inputs: {archive: archive.stage.id},
  };
}
