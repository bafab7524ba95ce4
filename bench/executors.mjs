// What an empty stage costs under each executor, in milliseconds, the median of 20, and the ratio:
// `node bench/executors.mjs [store]`. The engine is the one that the command would find; DOCKER_HOST names another.
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {DiskStore} from '../lib/store/disk-store.js';
import {median} from './median.mjs';
import {imageOf, openDocker, openLocal} from './open-executors.mjs';

const rounds = 20;
const scratch = mkdtempSync(path.join(os.tmpdir(), 'ampoule-bench-'));

/** Milliseconds of each round; the first, which may import the image, does not count. */
async function measure(executor, rootfs, folder) {
  const times = [];
  for (let round = 0; round <= rounds; round += 1) {
    const workspace = path.join(folder, `work-${round}`);
    mkdirSync(workspace, {recursive: true});
    const execution = {
      ...{rootfs, mounts: [], sources: new Map(), argv: ['/bin/sh', '-c', ':']},
      environment: {PATH: '/usr/bin'},
    };
    const start = performance.now();
    const {signal} = new AbortController();
    const exit = await executor.run(execution, workspace, {jobs: 2}, () => undefined, signal);
    if (round > 0) times.push(performance.now() - start);
    if (exit.code !== 0) throw new Error(`the stage ended with ${JSON.stringify(exit)}`);
  }
  return times.sort((a, b) => a - b);
}

try {
  const store = await DiskStore.open(process.argv[2] ?? path.join(scratch, 'store'));
  const rootfs = await imageOf(store, 'docker/build');
  const medians = [];
  for (const [name, open] of [
    ['local', openLocal],
    ['docker', openDocker],
  ]) {
    const executor = await open(store);
    const times = await measure(executor, rootfs, path.join(store.temporaryPath, `bench-${name}`));
    const {near} = executor;
    const kind = near === undefined ? '' : near.sharesFiles ? ', bind mounts' : ', volumes';
    medians.push(median(times));
    const range = `${times[0].toFixed(0)} to ${times.at(-1).toFixed(0)}`;
    process.stdout.write(`${name}${kind}: ${median(times).toFixed(0)} ms (${range})\n`);
    await executor[Symbol.asyncDispose]();
    rmSync(path.join(store.temporaryPath, `bench-${name}`), {recursive: true});
  }
  process.stdout.write(`docker/local: ${(medians[1] / medians[0]).toFixed(1)}\n`);
} finally {
  rmSync(scratch, {recursive: true, force: true});
}
