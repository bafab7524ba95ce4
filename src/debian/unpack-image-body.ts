import {availableParallelism} from 'node:os';
import pLimit from 'p-limit';
import * as v from 'valibot';
import {InternalError} from '../core/errors.js';
import type {HostFunctionBody} from '../core/host-function.js';
import {jsonList as list} from '../data/json-text.js';
import {unpackImage} from './unpack-image.js';

/** Each thread takes about 35 MiB; with more threads, node would need more than 300 MiB. */
const maxThreads = 3;

/** One image at a time: it uses all allowed threads, and each thread has a heap. */
const oneAtATime = pLimit(1);

const texts = list(v.string());
const textsByPath = v.record(v.string(), v.string());

const schema = v.object({
  kind: v.picklist(['rootfs', 'sysroot']),
  usr: v.picklist(['merged', 'split']),
  exclude: texts,
  files: textsByPath,
  links: textsByPath,
  directories: texts,
  packages: list(v.object({name: v.string(), fileName: v.string()})),
});

/** The parameters of the stage that unpacks an image. */
export type UnpackParameters = v.InferOutput<typeof schema>;

/** Unpacks the packages that came as sources, and adds what the image has of its own. */
export const unpackImageBody: HostFunctionBody<UnpackParameters, UnpackParameters> = {
  schema,
  async run({packages, ...content}, {sources, outputPath, log, signal}) {
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
