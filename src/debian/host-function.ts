import {defineHostFunction} from '../core/host-function.js';
import type {ImageDefinition} from './image-definition.js';
import type {ImageLock} from './image-lock.js';
import {packageFileName} from './image-sources.js';
import type {UnpackParameters} from './unpack-image-body.js';

/** Unpacks an image: see `unpackImage`. Its sources are those of `imageSources(lock)`. */
export const unpackImageFunction = defineHostFunction({
  name: 'unpack-image',
  revision: 1,
  load: () => import('./unpack-image-body.js').then(({unpackImageBody}) => unpackImageBody),
});

/** What of an image decides its bytes. */
export function unpackImageParameters(
  definition: ImageDefinition,
  lock: ImageLock,
): UnpackParameters {
  const {kind, usr, exclude, files, links, directories} = definition;
  const packages = lock.packages.map((entry) => ({
    name: entry.name,
    fileName: packageFileName(entry),
  }));
  return {kind, usr, exclude, files, links, directories, packages};
}
