import {copyFile, mkdir, readFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {openFetcher} from '../../src/builder/open-fetcher.js';
import {valueOrThrow} from '../../src/core/errors.js';
import {parseImageDefinition} from '../../src/debian/image-definition.js';
import {parseImageLock} from '../../src/debian/image-lock.js';
import {MemoryJobPool} from '../../src/executor/memory-job-pool.js';
import {buildGraph} from '../../src/graph/graph.js';
import {runGraph} from '../../src/scheduler/scheduler.js';
import {imageStage} from '../../src/stages/image-stage.js';
import {DiskStore} from '../../src/store/disk-store.js';
import {localTree, type LocalTree} from './local-tree.js';

const root = path.resolve(import.meta.dirname, '../..');

const testImageFolders = ['docker/sandbox', 'test/fixtures/images/tiny'] as const;

/** The images that tests run in, unpacked once and kept for the next run of the tests. */
export interface TestImages {
  readonly store: DiskStore;
  readonly sandbox: LocalTree;
  readonly tiny: LocalTree;
}

export async function testImages(): Promise<TestImages> {
  const store = await openTestStore();
  const [sandbox, tiny] = await unpackImages(store, testImageFolders);
  return {store, sandbox, tiny};
}

/** Gives a store the packages of the test images: of the tests' own store, which may hold much more, it needs no others. */
export async function sharePackages(storeFolder: string): Promise<void> {
  const {store} = await testImages();
  const target = path.join(storeFolder, 'v1/sources');
  await mkdir(target, {recursive: true});
  for (const image of testImageFolders) {
    for (const {sha256} of (await readImage(image)).lock.packages) {
      await copyFile(store.sources.pathOf(sha256), path.join(target, sha256));
    }
  }
}

/** A plain root file system of a Debian suite: a folder of `test/fixtures/images`. */
export async function plainImage(suite: string): Promise<LocalTree> {
  const [image] = await unpackImages(await openTestStore(), [`test/fixtures/images/${suite}`]);
  return image;
}

function openTestStore(): Promise<DiskStore> {
  return DiskStore.open(path.join(os.tmpdir(), `ampoule-test-store-${os.userInfo().uid}`));
}

/** Unpacks the images that are not in the tests' store yet, fetching their packages as a build would. */
async function unpackImages<const Folders extends readonly string[]>(
  store: DiskStore,
  folders: Folders,
): Promise<{readonly [Index in keyof Folders]: LocalTree}> {
  const {signal} = new AbortController();
  const stages = await Promise.all(
    folders.map(async (folder) => imageStage(folder, await readImage(folder))),
  );
  const outcome = await runGraph(valueOrThrow(buildGraph(stages)), {
    store,
    jobs: 2,
    signal,
    fetchSources: openFetcher({
      store,
      debianMirror: process.env['AMPOULE_DEBIAN_MIRROR'],
      images: new Map(),
      projectFolder: root,
      onEvent: () => undefined,
      signal,
    }),
    onEvent: () => undefined,
    executor: () => Promise.reject(new Error('images are unpacked without an executor')),
    pool: new MemoryJobPool(2),
  });
  const trees = folders.map(async (id): Promise<LocalTree> => {
    const made = outcome.get(id);
    if (made?.kind === 'failed') throw made.error;
    if (made?.kind !== 'built' && made?.kind !== 'restored') throw new Error(`${id} was not made`);
    return localTree(made.artifact, await store.materialise(made.artifact));
  });
  return (await Promise.all(trees)) as {readonly [Index in keyof Folders]: LocalTree};
}

async function readImage(folder: string) {
  const read = (file: string) => readFile(path.join(root, folder, file), 'utf8');
  return {
    definition: valueOrThrow(parseImageDefinition(await read('image.yaml'), folder)),
    lock: valueOrThrow(parseImageLock(await read('image.lock.json'), folder)),
  };
}
