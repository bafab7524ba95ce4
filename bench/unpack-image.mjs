// Unpacks one image into a store and prints the seconds that its stage took: `node bench/unpack-image.mjs <image> <store>`.
// Packages that the store does not have are downloaded first. A process of its own, so that what starting costs counts.
import path from 'node:path';
import {readImageFolder} from '../lib/builder/image-folder.js';
import {projectFiles} from '../lib/builder/project-files.js';
import {openFetcher} from '../lib/builder/open-fetcher.js';
import {valueOrThrow} from '../lib/core/errors.js';
import {MemoryJobPool} from '../lib/executor/memory-job-pool.js';
import {buildGraph} from '../lib/graph/graph.js';
import {runGraph} from '../lib/scheduler/scheduler.js';
import {imageStage} from '../lib/stages/image-stage.js';
import {DiskStore} from '../lib/store/disk-store.js';

const [name, folder] = process.argv.slice(2);
const projectFolder = path.dirname(import.meta.dirname);
const {definition, lock} = await readImageFolder(projectFiles([projectFolder]), name);
const image = {definition: valueOrThrow(definition), lock: valueOrThrow(lock)};
const store = await DiskStore.open(folder);
const onEvent = () => undefined;
const {signal} = new AbortController();
const outcome = await runGraph(valueOrThrow(buildGraph([imageStage(name, image)])), {
  store,
  jobs: 2,
  signal,
  fetchSources: openFetcher({
    store,
    debianMirror: process.env.AMPOULE_DEBIAN_MIRROR,
    images: new Map(),
    projectFolder,
    onEvent,
    signal,
  }),
  onEvent,
  executor: () => Promise.reject(new Error('images are unpacked without an executor')),
  pool: new MemoryJobPool(2),
});
const made = outcome.get(name);
if (made.kind === 'failed') throw made.error;
process.stdout.write(`${made.seconds}\n`);
