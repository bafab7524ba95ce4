// Moves an artifact of 1 GiB, or of so many MiB, to the engine and back as a stage's output, and prints node's peak memory
// in MiB: `node bench/move-gigabyte.mjs <store> [<MiB>]`. Says so when the engine sees our files, because then nothing is moved.
import {mkdirSync, rmSync, statSync} from 'node:fs';
import {open} from 'node:fs/promises';
import path from 'node:path';
import {randomBytes} from 'node:crypto';
import {DiskStore} from '../lib/store/disk-store.js';
import {imageOf, openDocker} from './open-executors.mjs';

const store = await DiskStore.open(process.argv[2]);
const folder = path.join(store.temporaryPath, 'gigabyte');
const sizeBytes = Number(process.argv[3] ?? 1024) * 2 ** 20;
try {
  mkdirSync(path.join(folder, 'artifact'), {recursive: true});
  const file = await open(path.join(folder, 'artifact/large'), 'w');
  const block = randomBytes(2 ** 20);
  for (let written = 0; written < sizeBytes; written += block.length) await file.write(block);
  await file.close();
  const rootfs = await imageOf(store, 'test/fixtures/images/tiny');
  const executor = await openDocker(store);
  const artifact = {
    digest: randomBytes(32).toString('hex'),
    materialise: () => Promise.resolve(path.join(folder, 'artifact')),
  };
  mkdirSync(path.join(folder, 'work'));
  const exit = await executor.run(
    {
      ...{rootfs, sources: new Map(), environment: {}},
      mounts: [{guestPath: '/in', artifacts: [artifact]}],
      argv: ['/usr/bin/cp', '/in/large', '/out/large'],
    },
    path.join(folder, 'work'),
    {jobs: 2},
    (chunk) => process.stderr.write(chunk),
    new AbortController().signal,
  );
  await executor[Symbol.asyncDispose]();
  const {size} = statSync(path.join(folder, 'work/out/large'));
  if (exit.code !== 0 || size !== sizeBytes)
    throw new Error(`${JSON.stringify(exit)}, ${size} bytes`);
  const peakMiB = Math.ceil(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(`${JSON.stringify({peakMiB, wasMoved: !executor.near.sharesFiles})}\n`);
} finally {
  rmSync(folder, {recursive: true, force: true});
}
