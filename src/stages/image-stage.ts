import {unpackImageFunction, unpackImageParameters} from '../debian/host-function.js';
import {imageSources} from '../debian/image-sources.js';
import {hostStage, type HostStage} from '../graph/stage.js';
import type {Image} from './project.js';

/** `rootfs/<image>` or `sysroot/<triple>`: the locked packages of an image, unpacked. */
export function imageStage(id: string, image: Image): HostStage {
  return hostStage(unpackImageFunction, {
    id,
    parameters: unpackImageParameters(image.definition, image.lock),
    sources: imageSources(image.lock),
    inputs: {},
  });
}
