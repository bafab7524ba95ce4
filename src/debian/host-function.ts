import {availableParallelism} from 'node:os';
import pLimit from 'p-limit';
import type {JsonValue} from '../core/digest.js';
import {InternalError} from '../core/errors.js';
import type {HostFunction} from '../core/host-function.js';
import type {ImageDefinition} from './image-definition.js';
import type {ImageLock} from './image-lock.js';
import {packageFileName} from './image-sources.js';
import {unpackImage, type ImageContent} from './unpack-image.js';

/** Each thread takes about 35 MiB; with more threads, node would need more than 300 MiB. */
const maxThreads = 3;

/** One image at a time: it uses all allowed threads, and each thread has a heap. */
const oneAtATime = pLimit(1);

interface UnpackParameters extends ImageContent {
  readonly packages: readonly {readonly name: string; readonly fileName: string}[];
}

/** The parameters of the stage that unpacks an image; its sources are those of `imageSources(lock)`. */
export function unpackImageParameters(definition: ImageDefinition, lock: ImageLock): JsonValue {
  const {kind, usr, exclude, files, links, directories} = definition;
  const packages = lock.packages.map((entry) => ({
    name: entry.name,
    fileName: packageFileName(entry),
  }));
  const parameters = {kind, usr, exclude, files, links, directories, packages};
  return parameters satisfies UnpackParameters;
}

/** Unpacks an image: see `unpackImage`. */
export const unpackImageFunction: HostFunction = {
  revision: 1,
  async run({parameters, sources, outputPath, log, signal}) {
    // Only `unpackImageParameters` makes these.
    const {packages, ...content} = parameters as unknown as UnpackParameters;
    const files = packages.map(({name, fileName}) => {
      const debPath = sources.get(fileName);
      if (debPath === undefined)
        throw new InternalError(`the source ${fileName} was not handed over`);
      return {name, debPath};
    });
    log(`unpacking ${files.length} packages`);
    const threads = Math.min(maxThreads, availableParallelism());
    await oneAtATime(() => unpackImage(content, files, {rootPath: outputPath, threads, signal}));
  },
};
