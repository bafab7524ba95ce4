// Opens executors as the command does, and unpacks the images that they need into a store, with what they need of the
// compiled code; for benchmarks and for tests that measure a process.
import path from 'node:path';
import {findEngine} from '../lib/builder/find-engine.js';
import {openFetcher} from '../lib/builder/open-fetcher.js';
import {projectFiles} from '../lib/builder/project-files.js';
import {runOwner} from '../lib/builder/run-owner.js';
import {valueOrThrow} from '../lib/core/errors.js';
import {readImageDefinition} from '../lib/debian/image-includes.js';
import {parseImageLock} from '../lib/debian/image-lock.js';
import {MemoryJobPool} from '../lib/executor/memory-job-pool.js';
import {buildGraph} from '../lib/graph/graph.js';
import {runGraph} from '../lib/scheduler/scheduler.js';
import {imageStage} from '../lib/stages/image-stage.js';
import {isOfDead, ownerName} from '../lib/store/owner.js';

const projectFolder = path.dirname(import.meta.dirname);
const {signal} = new AbortController();
const jobs = 2;

/** An image as an artifact of the store; `docker/build` names its folder. */
export async function imageOf(store, folder) {
  const {read} = projectFiles([projectFolder]);
  const definition = await readImageDefinition(`${folder}/image.yaml`, read);
  const lock = parseImageLock((await read(`${folder}/image.lock.json`)) ?? '', folder);
  const image = {definition: valueOrThrow(definition), lock: valueOrThrow(lock)};
  const graph = valueOrThrow(buildGraph([imageStage(folder, image)]));
  const onEvent = () => undefined;
  const debianMirror = process.env.AMPOULE_DEBIAN_MIRROR;
  const outcome = await runGraph(graph, {
    ...{store, jobs, signal, onEvent},
    fetchSources: openFetcher({
      ...{store, debianMirror, images: new Map(), projectFolder, onEvent, signal},
    }),
    executor: () => Promise.reject(new Error('images are unpacked without an executor')),
    pool: new MemoryJobPool(jobs),
  });
  const made = outcome.get(folder);
  if (made.kind === 'failed') throw made.error;
  return {digest: made.artifact, materialise: () => store.materialise(made.artifact)};
}

export async function openLocal(store) {
  const {LocalExecutor} = await import('../lib/executor/local/local-executor.js');
  const image = await imageOf(store, 'docker/sandbox');
  const sandboxImagePath = await image.materialise();
  const {temporaryPath} = store;
  const owner = await ownerName(store.layout.owners);
  return LocalExecutor.open({
    sandboxImagePath,
    temporaryPath,
    owner,
    isOfDead,
    jobs,
    stageLimits: {},
  });
}

/** On the engine that the environment names, or that the command would find. */
export async function openDocker(store) {
  const found = await findEngine();
  if (found.engine === undefined) throw found.problem;
  const {DockerExecutor} = await import('../lib/executor/docker/docker-executor.js');
  const options = {
    engine: found.engine,
    helperImage: await imageOf(store, 'docker/sandbox'),
    temporaryPath: store.temporaryPath,
    jobs,
    stageLimits: {},
    owner: await runOwner(store.layout.owners),
    processName: await ownerName(store.layout.owners),
    person: {input: process.stdin, output: process.stdout, errors: process.stderr},
  };
  return DockerExecutor.open(options, signal);
}
