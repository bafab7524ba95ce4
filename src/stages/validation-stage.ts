import type {Target} from '../core/target.js';
import {hostStage, type HostStage} from '../graph/stage.js';
import {validateArchiveFunction} from '../policy/host-function.js';
import {targetToJson} from '../target/parse-target.js';
import type {PlannedArchive} from './distribution-stages.js';

/** `validation/<flavour>`: checks a finished archive. Fails when the archive must not be published. */
export function validationStage(archive: PlannedArchive, target: Target): HostStage {
  return hostStage(validateArchiveFunction, {
    id: `validation/${archive.flavour}`,
    parameters: {fileName: archive.fileName, target: targetToJson(target)},
    sources: [],
    inputs: {archive: archive.stage.id},
  });
}
