import {randomUUID} from 'node:crypto';
import {access, mkdir, mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {pack} from 'tar-stream';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {ArtifactDigest} from '../../src/core/digest.js';
import type {Execution, Exit} from '../../src/executor/executor.js';
import {clearReusables} from '../../src/executor/docker/clear-leftovers.js';
import {connectEngine, type Engine} from '../../src/executor/docker/engine.js';
import {ensureImage, readProgress} from '../../src/executor/docker/import-image.js';
import {ownerLabel} from '../../src/executor/docker/labels.js';
import {ownVolume} from '../../src/executor/docker/volumes.js';
import {normaliseTree} from '../../src/store/tree.js';
import {
  reasonToSkip,
  startDocker,
  startPodman,
  titleWith,
  type TestEngine,
} from '../support/docker-engine.js';
import {testImages} from '../support/images.js';
import {localTree} from '../support/local-tree.js';
import {
  openDockerTestExecutor,
  openLocalTestExecutor,
  type DockerTestOptions,
  type TestExecutor,
} from '../support/test-executor.js';

const skipped = reasonToSkip('dockerd');

/** Runs a shell script and gives how it ended, what it said, and where its output lies. */
async function sh(
  {executor, rootfs, temporaryPath}: TestExecutor,
  script: string,
  overrides: Partial<Execution> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{readonly exit: Exit; readonly output: string; readonly outPath: string}> {
  const workspace = await mkdtemp(path.join(temporaryPath, 'docker-'));
  let output = '';
  const exit = await executor.run(
    {
      rootfs,
      mounts: [],
      sources: new Map(),
      environment: {PATH: '/usr/bin'},
      argv: ['/bin/sh', '-c', script],
      ...overrides,
    },
    workspace,
    {jobs: 2},
    (chunk) => (output += Buffer.from(chunk).toString()),
    signal,
  );
  return {exit, output, outPath: path.join(workspace, 'out')};
}

/** A tree with everything that an artifact may hold, long names and modes of all kinds. */
const makeTree = [
  'umask; cd /out; mkdir -p a/b empty; echo text >a/b/file; cp a/b/file a/run; chmod 700 a/run',
  'ln -s ../run a/b/link; ln a/b/file hard; printf "\\303\\244" >"n\\303\\244me with blanks"',
  'head -c 3000000 /dev/zero | tr "\\0" x >large; chmod 600 large; echo "$PWD $LC_ALL" >told',
  'i=0; while [ $i -lt 40 ]; do long=$long/folder$i; i=$((i+1)); done; mkdir -p /out$long; echo >/out$long/f',
].join('\n');

async function digestUnder(test: TestExecutor): Promise<ArtifactDigest> {
  const {exit, outPath} = await sh(test, makeTree, {
    environment: {PATH: '/usr/bin', LC_ALL: 'C'},
  });
  expect(exit).toEqual({kind: 'exited', code: 0});
  return normaliseTree(outPath);
}

/** Containers, and volumes that do not outlive a run, of one owner or of everybody. */
async function leftOn({docker}: Engine, owner?: string): Promise<readonly string[]> {
  const label = [owner === undefined ? ownerLabel : `${ownerLabel}=${owner}`];
  const containers = await docker.listContainers({all: true, filters: {label}});
  const {Volumes: volumes} = await docker.listVolumes({filters: {label: ['ampoule=helper']}});
  const {Volumes: nameless} = await docker.listVolumes({filters: {dangling: ['true']}});
  return [
    ...containers.map(({Id: id}) => id),
    ...volumes.map(({Name: name}) => name),
    ...nameless.map(({Name: name}) => name).filter((name) => !name.startsWith('ampoule-')),
  ];
}

const remove = {action: 'remove', machine: 'here'} as const;

describe.skipIf(skipped !== undefined)(titleWith('the docker executor', skipped), () => {
  let local: TestEngine;
  let remote: TestEngine;

  beforeAll(async () => {
    const hiddenFolder = (await testImages()).store.temporaryPath;
    [local, remote] = await Promise.all([startDocker(), startDocker({hiddenFolder})]);
  });

  afterAll(async () => {
    await local[Symbol.asyncDispose]();
    await remote[Symbol.asyncDispose]();
  });

  const open = (options: Partial<DockerTestOptions> = {}) =>
    openDockerTestExecutor({candidate: local.socket, ...options});

  it('finds out whether the engine sees the files of this machine', async () => {
    await using near = await open();
    await using far = await open({candidate: remote.tcp});
    await using nearOverTcp = await open({candidate: local.tcp});

    expect(near.executor.near).toMatchObject({sharesFiles: true, writer: {uid: 1000}});
    expect(near.executor.near.pipePaths).toBeDefined();
    expect(far.executor.near.sharesFiles).toBe(false);
    expect(nearOverTcp.executor.near.sharesFiles).toBe(true);
  });

  it('makes the same artifact as the local executor, near and far', async () => {
    await using here = await openLocalTestExecutor();
    await using near = await open();
    await using far = await open({candidate: remote.tcp});

    const digests = [await digestUnder(here), await digestUnder(near), await digestUnder(far)];

    expect(new Set(digests)).toHaveLength(1);
  });

  it('fetches the scratch files of a command that failed from an engine far away', async () => {
    await using far = await open({candidate: remote.tcp});

    const {exit, outPath} = await sh(far, 'echo why >/build/config.log; mkfifo /build/p; exit 2');

    expect(exit).toEqual({kind: 'exited', code: 2});
    await access(path.join(outPath, '../build/config.log'));
  });

  it('fills the volume of an input once for all runs', async () => {
    const {sandbox} = await testImages();
    const mounts = [{guestPath: '/deps', artifacts: [sandbox]}];
    const engine = await connectEngine(remote.tcp);
    const inputs = async () =>
      (await engine.docker.listVolumes({filters: {label: ['ampoule=input']}})).Volumes.length;
    for (const expected of [1, 1]) {
      await using far = await open({candidate: remote.tcp});
      await Promise.all([sh(far, 'true', {mounts}), sh(far, 'true', {mounts})]);
      await using other = await open({candidate: remote.tcp});
      const {output} = await sh(other, 'ls /deps', {mounts});
      expect(output).toContain('usr');
      expect(await inputs()).toBe(expected);
    }

    const kept = await clearReusables(engine, () => Promise.resolve(true), remove);
    const cleared = await clearReusables(
      engine,
      (digest) => Promise.resolve(digest !== sandbox.digest),
      remove,
    );

    expect(kept).toEqual([]);
    expect(cleared.map(({kind}) => kind)).toEqual(['image', 'volume']);
    expect(await inputs()).toBe(0);
  });

  it('keeps what a long stage has built on an engine far away, until its workspace is gone', async () => {
    await using far = await open({candidate: remote.tcp});
    const workspace = await mkdtemp(path.join(far.temporaryPath, 'kept-'));
    const run = (script: string, keepsBuild?: true) =>
      far.executor.run(
        {
          rootfs: far.rootfs,
          mounts: [],
          sources: new Map(),
          argv: ['/bin/sh', '-c', script],
          environment: {PATH: '/usr/bin'},
        },
        workspace,
        {jobs: 2, ...(keepsBuild && {keepsBuild})},
        () => undefined,
        new AbortController().signal,
      );
    const kept = async () =>
      (await far.engine.docker.listVolumes({filters: {label: ['ampoule=build']}})).Volumes.length;
    const everything = () => Promise.resolve(true);

    await run('echo >/build/file; exit 3', true);
    const duringWork = [await clearReusables(far.engine, everything, remove), await kept()];
    const elsewhere = {action: 'remove', machine: 'elsewhere'} as const;
    await rm(workspace, {recursive: true});
    const byOthers = [await clearReusables(far.engine, everything, elsewhere), await kept()];
    const afterwards = [
      (await clearReusables(far.engine, everything, remove)).length,
      await kept(),
    ];

    expect([duringWork, byOthers, afterwards]).toEqual([
      [[], 1],
      [[], 1],
      [1, 0],
    ]);
  });

  it('tells that a container ran out of memory, and the limit', async () => {
    const limit = 64 * 1024 ** 2;
    await using near = await open({stageLimits: {memoryBytes: limit}});

    const running = sh(near, 'head -c 200000000 /dev/zero >/dev/shm/much; sleep 0.1; exit 5');

    await expect(running).rejects.toMatchObject({
      code: 'E_OUT_OF_MEMORY',
      message: expect.stringContaining(`the limit was ${limit} bytes`) as string,
    });
  });

  it('keeps the limit of processes', async () => {
    await using near = await open({stageLimits: {pids: 8}});

    const {output} = await sh(near, 'for i in 1 2 3 4 5 6 7 8 9 10 11; do sleep 1 & done; wait');

    expect(output).toMatch(/fork/);
  });

  it('leaves nothing on the engine but images, however a command ended', async () => {
    const owner = {text: randomUUID(), machine: 'here', isDead: () => Promise.resolve(false)};
    for (const candidate of [local.socket, remote.tcp]) {
      await using test = await open({candidate, owner});
      await sh(test, 'exit 3');
      const controller = new AbortController();
      const running = sh(test, 'echo started; sleep 3600', {}, controller.signal);
      while ((await test.engine.docker.listContainers()).length === 0) await sleep(50);
      controller.abort(new Error('stopped'));
      expect((await running).exit).toEqual({kind: 'cancelled'});

      expect(await leftOn(test.engine, owner.text)).toEqual([]);
    }
  });

  it('leaves no volume that was being filled when the run was stopped', async () => {
    const engine = await connectEngine(remote.tcp);
    const {tiny} = await testImages();
    const image = await ensureImage(engine, tiny, new AbortController().signal);
    const owner = {text: randomUUID(), machine: 'here', isDead: () => Promise.resolve(false)};
    const controller = new AbortController();
    const {signal} = controller;
    const content = new Readable({
      read() {
        controller.abort(new Error('stopped'));
      },
    });

    const filling = ownVolume(content, {engine, image, owner, signal});

    await expect(filling).rejects.toThrow();
    expect(await leftOn(engine, owner.text)).toEqual([]);
  });

  it('clears what a killed run left, and nothing of a run that lives', async () => {
    const engine = await connectEngine(remote.tcp);
    const {tiny} = await testImages();
    const image = await ensureImage(engine, tiny, new AbortController().signal);
    const leave = async (owner: string) => {
      const Labels = {ampoule: 'stage', [ownerLabel]: owner};
      const volume = await engine.docker.createVolume({Name: `ampoule-${owner}`, Labels});
      const Mounts = [
        {Type: 'volume' as const, Source: `ampoule-${owner}`, Target: '/src'},
        {Type: 'volume' as const, Source: '', Target: '/build'},
      ];
      const Cmd = ['/bin/sleep', '3600'];
      const container = await engine.docker.createContainer({
        ...{Image: image, Labels, Cmd},
        HostConfig: {Mounts, NetworkMode: 'none'},
      });
      await container.start();
      return {container, volume};
    };
    await leave('dead');
    const living = await leave('living');

    const isDead = (text: string) => Promise.resolve(text === 'dead');
    await using _next = await open({
      candidate: remote.tcp,
      owner: {text: 'next', machine: 'here', isDead},
    });

    const left = await engine.docker.listContainers({
      all: true,
      filters: {label: ['ampoule=stage']},
    });
    const {Volumes: volumes} = await engine.docker.listVolumes({filters: {label: [ownerLabel]}});
    expect(left.map(({Id: id}) => id)).toEqual([living.container.id]);
    expect(volumes.map(({Name: name}) => name).filter((name) => name.endsWith('dead'))).toEqual([]);
    await living.container.remove({force: true, v: true});
    await living.volume.remove();
  });

  it('takes a stream that ends with an error line for a failure', async () => {
    const engine = await connectEngine(local.socket);
    const context = pack();
    context.entry({name: 'Dockerfile'}, 'FROM scratch\nCOPY missing /\n');
    context.finalize();

    const response = await engine.docker.buildImage(context as unknown as NodeJS.ReadableStream);

    await expect(readProgress(engine, response)).rejects.toMatchObject({
      code: 'E_ENGINE_REQUEST',
      message: expect.stringContaining('missing') as string,
    });
  });

  it('imports no image of a root file system that cannot be read to its end', async () => {
    const engine = await connectEngine(local.socket);
    const before = (await engine.docker.listImages()).length;
    const rootfs = localTree('f'.repeat(64) as ArtifactDigest, '/nowhere/at/all');

    const importing = ensureImage(engine, rootfs, new AbortController().signal);

    await expect(importing).rejects.toThrow(/nowhere/);
    expect(await engine.docker.listImages()).toHaveLength(before);
  });

  it('says so when the engine goes away under a stage, and clears up when it is back', async () => {
    await using engine = await startDocker();
    const folder = path.join((await testImages()).store.temporaryPath, randomUUID());
    await mkdir(folder);
    const test = await open({
      candidate: engine.socket,
      owner: {text: 'first', machine: 'here', isDead: () => Promise.resolve(false)},
    });
    const running = sh(test, 'echo started; sleep 3600');
    running.catch(() => undefined);
    while ((await test.engine.docker.listContainers()).length === 0) await sleep(50);

    await engine.kill();

    await expect(running).rejects.toMatchObject({
      code: 'E_ENGINE_LOST',
      message: expect.stringContaining('went away while') as string,
    });
    await test[Symbol.asyncDispose]();
    await engine.restart();
    await using next = await open({
      candidate: engine.socket,
      owner: {text: 'second', machine: 'here', isDead: () => Promise.resolve(true)},
    });
    expect((await sh(next, 'echo again')).output).toBe('again\n');
    expect(await leftOn(next.engine)).toEqual([]);
    await rm(folder, {recursive: true});
  });
});

const noPodman = reasonToSkip('podman');

describe.skipIf(noPodman !== undefined)(
  titleWith('the docker executor on podman', noPodman),
  () => {
    let podman: Awaited<ReturnType<typeof startPodman>>;

    beforeAll(async () => {
      podman = await startPodman({hiddenFolder: (await testImages()).store.temporaryPath});
    });

    afterAll(() => podman[Symbol.asyncDispose]());

    it('makes the same artifact as the local executor', async () => {
      await using here = await openLocalTestExecutor();
      await using far = await openDockerTestExecutor({candidate: podman.socket});

      expect(await digestUnder(far)).toBe(await digestUnder(here));
    });

    it('imports a root file system once, until nobody wants it', async () => {
      const engine = await connectEngine(podman.socket);
      const {tiny} = await testImages();
      const {signal} = new AbortController();

      const first = await ensureImage(engine, tiny, signal);
      const again = await ensureImage(engine, tiny, signal);
      const isWanted = (digest: string) => Promise.resolve(digest !== tiny.digest);
      const cleared = await clearReusables(engine, isWanted, remove);

      expect(again).toBe(first);
      expect(cleared).toEqual([{kind: 'image', name: first}]);
    });
  },
);
