import type {HostFunctionTable} from '../core/host-function.js';
import {unpackImageFunction} from '../debian/host-function.js';
import {distributionMetadataFunction} from '../distribution/host-function.js';
import {glibcFloorFunction} from '../elf/floor-host-function.js';
import {validateArchiveFunction} from '../policy/host-function.js';
import {setupLocalFunction} from '../setup-local/host-function.js';
import {hostFunctionNames, type Revisions} from '../stages/host-functions.js';

/** The host functions by name. */
export const hostFunctions: HostFunctionTable = {
  [hostFunctionNames.unpackImage]: unpackImageFunction,
  [hostFunctionNames.glibcFloor]: glibcFloorFunction,
  [hostFunctionNames.setupLocal]: setupLocalFunction,
  [hostFunctionNames.distributionMetadata]: distributionMetadataFunction,
  [hostFunctionNames.validateArchive]: validateArchiveFunction,
};

/** Their revisions, as the plan needs them. */
export const revisions: Revisions = {
  unpackImage: unpackImageFunction.revision,
  glibcFloor: glibcFloorFunction.revision,
  setupLocal: setupLocalFunction.revision,
  distributionMetadata: distributionMetadataFunction.revision,
  validateArchive: validateArchiveFunction.revision,
};
