import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import {describe, expect, it} from 'vitest';
import {reasonToSkip, startDocker, titleWith} from '../support/docker-engine.js';
import {testImages} from '../support/images.js';
import {byScale} from '../support/scale.js';

const skipped = reasonToSkip('dockerd');
const root = path.resolve(import.meta.dirname, '../..');
/** More than a process may take that holds all of it. */
const mebibytes = byScale({usual: 320, full: 1024});

describe.skipIf(skipped !== undefined)(titleWith('an engine far away', skipped), () => {
  it(`is given ${mebibytes} MiB and gives them back in less than 200 MiB of memory`, async () => {
    const {store} = await testImages();
    await using engine = await startDocker({hiddenFolder: store.temporaryPath});
    const {address} = engine.tcp;
    const host = address.kind === 'tcp' ? `tcp://${address.host}:${address.port}` : '';
    // `root` of a store is the folder of its layout's version.
    const arguments_ = [path.join(root, 'bench/move-gigabyte.mjs'), path.dirname(store.root)];
    arguments_.push(String(mebibytes));

    const {stdout} = await promisify(execFile)(process.execPath, arguments_, {
      env: {...process.env, DOCKER_HOST: host},
    });

    const {peakMiB, wasMoved} = JSON.parse(stdout) as {peakMiB: number; wasMoved: boolean};
    expect(wasMoved).toBe(true);
    expect(peakMiB).toBeLessThan(200);
    process.stderr.write(
      `node's peak memory with an artifact of ${mebibytes} MiB: ${peakMiB} MiB\n`,
    );
  });
});
