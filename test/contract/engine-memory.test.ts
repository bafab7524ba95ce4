import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import {describe, expect, it} from 'vitest';
import {reasonToSkip, startDocker, titleWith} from '../support/docker-engine.js';
import {testImages} from '../support/images.js';

const skipped = reasonToSkip('dockerd');
const root = path.resolve(import.meta.dirname, '../..');

describe.skipIf(skipped !== undefined)(titleWith('an engine far away', skipped), () => {
  it('is given 1 GiB and gives it back in less than 200 MiB of memory', async () => {
    const {store} = await testImages();
    await using engine = await startDocker({hiddenFolder: store.temporaryPath});
    const {address} = engine.tcp;
    const host = address.kind === 'tcp' ? `tcp://${address.host}:${address.port}` : '';
    // `root` of a store is the folder of its layout's version.
    const arguments_ = [path.join(root, 'bench/move-gigabyte.mjs'), path.dirname(store.root)];

    const {stdout} = await promisify(execFile)(process.execPath, arguments_, {
      env: {...process.env, DOCKER_HOST: host},
    });

    const {peakMiB, wasMoved} = JSON.parse(stdout) as {peakMiB: number; wasMoved: boolean};
    expect(wasMoved).toBe(true);
    expect(peakMiB).toBeLessThan(200);
    process.stderr.write(`node's peak memory with an artifact of 1 GiB: ${peakMiB} MiB\n`);
  });
});
