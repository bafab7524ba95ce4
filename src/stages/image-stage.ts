import {unpackImageParameters} from '../debian/host-function.js';
import {imageSources} from '../debian/image-sources.js';
import type {HostStage} from '../graph/stage.js';
import {hostFunctionNames, type Revisions} from './host-functions.js';
import type {Image} from './project.js';

/** `rootfs/<image>` or `sysroot/<triple>`: the locked packages of an image, unpacked. */
export function imageStage(id: string, image: Image, revisions: Revisions): HostStage {
  return {
    kind: 'host',
    id,
    function: hostFunctionNames.unpackImage,
    revision: revisions.unpackImage,
    parameters: unpackImageParameters(image.definition, image.lock),
    sources: imageSources(image.lock),
    inputs: {},
  };
}
