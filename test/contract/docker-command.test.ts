import {readdir} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import path from 'node:path';
import {Readable} from 'node:stream';
import {setTimeout as sleep} from 'node:timers/promises';
import {pack} from 'tar-stream';
import {afterAll, afterEach, beforeAll, beforeEach, describe, expect, it} from 'vitest';
import {connectEngine, type Engine} from '../../src/executor/docker/engine.js';
import {readProgress} from '../../src/executor/docker/import-image.js';
import {reasonToSkip, startDocker, titleWith, type TestEngine} from '../support/docker-engine.js';
import {
  fixtureStages,
  makeFixtureProject,
  type FixtureProject,
} from '../support/fixture-project.js';

const skipped = reasonToSkip('dockerd');

describe.skipIf(skipped !== undefined)(titleWith('the command on a Docker engine', skipped), () => {
  let server: TestEngine;
  let engine: Engine;
  let project: FixtureProject;
  let environment: NodeJS.ProcessEnv;

  beforeAll(async () => {
    server = await startDocker();
    engine = await connectEngine(server.socket);
    environment = {DOCKER_HOST: server.host};
  });

  afterAll(() => server[Symbol.asyncDispose]());

  beforeEach(async () => {
    project = await makeFixtureProject('images');
  });

  afterEach(() => project[Symbol.asyncDispose]());

  const containers = () => engine.docker.listContainers({all: true});
  const build = (...more: readonly string[]) => [
    ...['build', '--output', path.join(project.folder, 'dist'), ...more],
  ];

  async function untilOneRuns(): Promise<void> {
    while (
      (await engine.docker.listContainers({filters: {label: ['ampoule=stage']}})).length === 0
    ) {
      await sleep(50);
    }
  }

  it('runs stages in containers where an engine answers, and says so', async () => {
    await project.edit(
      'recipes/zlib/recipe.yaml',
      'echo building zlib',
      'test -e /.dockerenv; exit 7',
    );

    const {stderr} = await project.ampoule(build('--executor', 'auto'), environment);

    expect(stderr).toContain(`stages run in containers of the engine at ${server.host}`);
    expect(stderr).toContain(`Stage ${fixtureStages.zlib} failed: exit code 7`);
    expect(await containers()).toEqual([]);
  });

  it('plans without an engine, and runs stages in namespaces where none answers', async () => {
    const nobody = {...environment, DOCKER_HOST: 'unix:///nowhere.sock'};
    await project.edit(
      'recipes/zlib/recipe.yaml',
      'echo building zlib',
      'test ! -e /.dockerenv; exit 7',
    );

    const plan = await project.ampoule(['plan'], nobody);
    const {stderr} = await project.ampoule(build('--executor', 'auto'), nobody);
    const asked = await project.ampoule(build('--executor', 'docker'), nobody);

    expect(plan.code).toBe(0);
    expect(stderr).toContain(
      'stages run in namespaces of this machine. No engine answers at unix:///nowhere.sock',
    );
    expect(stderr).toContain(`Stage ${fixtureStages.zlib} failed: exit code 7`);
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain(
      'No engine answers at unix:///nowhere.sock (DOCKER_HOST): there is no such socket (ENOENT)',
    );
    expect(asked.stderr).toContain('Next: start the engine');
  });

  it('refuses a limit that is no size', async () => {
    const wrong = await project.ampoule(build('--memory', '1x'));

    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('--memory: expected a size of 6m or more');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends with no container after %s', async (signal, code) => {
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', 'sleep 3600');
    const command = project.start(build('--executor', 'docker'), environment);
    await untilOneRuns();

    command.kill(signal);

    expect(await command.result).toMatchObject({code});
    expect(await containers()).toEqual([]);
    expect(await readdir(path.join(project.store, 'v1/work'))).toEqual([]);
  });

  it('ends after SIGINT though the engine answers no more, and the next build clears what is left', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', 'sleep 3600');
    const command = project.start(build('--executor', 'docker'), environment);
    await untilOneRuns();

    server.freeze();
    command.kill('SIGINT');
    const {code, stderr} = await command.result.finally(() => server.thaw());

    expect(code, stderr).toBe(130);
    await project.edit('recipes/zlib/recipe.yaml', 'sleep 3600', 'exit 7');
    await project.ampoule(build('--executor', 'docker'), environment);
    expect(await containers()).toEqual([]);
  });

  it('clears what a killed build left on the engine', async () => {
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', 'sleep 3600');
    const command = project.start(build('--executor', 'docker'), environment);
    await untilOneRuns();
    command.kill('SIGKILL');
    await command.result;
    expect(await containers()).not.toEqual([]);

    await project.edit('recipes/zlib/recipe.yaml', 'sleep 3600', 'exit 7');
    const next = await project.ampoule(build('--executor', 'docker'), environment);

    expect(next.stderr).toContain(`Stage ${fixtureStages.zlib} failed: exit code 7`);
    expect(await containers()).toEqual([]);
  });

  it('opens a shell in a container, on a terminal', async () => {
    await using terminal = project.startOnTerminal(
      ['shell', 'zlib', '--executor', 'docker'],
      environment,
      {columns: 91, rows: 33},
    );
    await terminal.shows(/dependency\/zlib\S* .*\$$/);
    // The shell may be faster than the terminal's first size.
    terminal.type(
      'test -e /.dockerenv && until busybox stty size | grep "^33 91"; do sleep 0.1; done\n',
    );
    await terminal.shows(/^33 91$/);
    terminal.resize(70, 20);
    await terminal.shows(/dependency\/zlib\S* .*\$$/);
    terminal.type('until busybox stty size | grep "^20 70"; do sleep 0.1; done\n');
    await terminal.shows(/^20 70$/);
    terminal.type('exit 9\n');

    expect(await terminal.ended).toBe(9);
    expect(await containers()).toEqual([]);
  });

  it('tells with doctor which engine it found', async () => {
    const {code, stdout} = await project.ampoule(['doctor', '--executor', 'docker'], environment);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {7}engine: version \S+, API 1\.\d+, at unix:.*\(DOCKER_HOST\)$/m);
    expect(stdout).toMatch(/^ok {7}sandbox: starts/m);
  });

  it('removes from the engine with store gc what the store does not have any more', async () => {
    await project.ampoule(build('--executor', 'docker'), environment);
    const images = async () => (await engine.docker.listImages()).length;
    const before = await images();

    const kept = await project.ampoule(['store', 'gc'], environment);

    expect(kept.stdout).not.toContain('engine image');
    expect(await images()).toBe(before);
  });

  it('removes with store gc what a killed build left, then what another store does not have, and nothing else', async () => {
    const {docker} = engine;
    await docker.createVolume({Name: 'foreign', Labels: {other: 'x'}});
    const archive = pack();
    archive.entry({name: 'file'}, '');
    archive.finalize();
    const importing = await docker.importImage(Readable.from(archive), {repo: 'foreign'});
    await readProgress(engine, importing);
    const foreign = await docker.createContainer({
      ...{Image: 'foreign', Cmd: ['none']},
      HostConfig: {NetworkMode: 'none'},
    });
    await project.edit('recipes/zlib/recipe.yaml', 'echo building zlib', 'sleep 3600');
    const command = project.start(build('--executor', 'docker'), environment);
    await untilOneRuns();
    command.kill('SIGKILL');
    await command.result;
    const gc = (store: string, ...more: readonly string[]) =>
      project.ampoule(['store', 'gc', ...more, '--store', store], environment);
    const other = path.join(project.folder, 'other store');
    await project.ampoule(['plan', '--store', other], environment);

    const dry = await gc(project.store, '--dry-run');
    const left = (await containers()).length;
    const own = await gc(project.store);
    const kept = (await containers()).map(({Id: id}) => id);
    await gc(other);

    expect(dry.stdout).toMatch(/^engine container +[1-9]$/m);
    expect(left).toBeGreaterThan(1);
    expect(own.stdout).toMatch(/^engine container +[1-9]$/m);
    expect(kept).toEqual([foreign.id]);
    const {Volumes: volumes} = await docker.listVolumes();
    expect(volumes.map(({Name: name}) => name)).toEqual(['foreign']);
    const images = await docker.listImages();
    expect(images.flatMap(({RepoTags: tags}) => tags ?? [])).toEqual(['foreign:latest']);
    await foreign.remove();
    await docker.getImage('foreign').remove();
    await docker.getVolume('foreign').remove();
  });
});

describe('an engine that keeps no limits', () => {
  it('is told so where one is asked for', async () => {
    const answers: Readonly<Record<string, unknown>> = {
      '/version': {Version: '20.10.24', ApiVersion: '1.41', Os: 'linux', Arch: 'amd64'},
      // As a rootless engine answers on a machine with cgroup v1.
      '/info': {CgroupDriver: 'none', MemoryLimit: false, PidsLimit: false},
    };
    await using project = await makeFixtureProject('images');
    const server = createServer(({url = ''}, response) =>
      response.end(JSON.stringify(answers[url] ?? {})),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // `listen` on a host and port gives an address of this kind.
    const {port} = server.address() as AddressInfo;

    const {stdout} = await project.ampoule(
      ['doctor', '--executor', 'docker', '--memory', '1g', '--pids-limit', '99'],
      {DOCKER_HOST: `tcp://127.0.0.1:${port}`},
    );

    expect(stdout).toContain(
      `The engine at tcp://127.0.0.1:${port} cannot keep --memory or --pids-limit`,
    );
    server.close();
    server.closeAllConnections();
  });
});

describe('an engine that is too old', () => {
  it('is told the API that is needed', async () => {
    const answer = {Version: '1.12.6', ApiVersion: '1.24', Os: 'linux', Arch: 'amd64'};
    const server = createServer((_request, response) => response.end(JSON.stringify(answer)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // `listen` on a host and port gives an address of this kind.
    const {port} = server.address() as AddressInfo;

    const connecting = connectEngine({
      origin: 'DOCKER_HOST',
      address: {kind: 'tcp', host: '127.0.0.1', port},
    });

    await expect(connecting).rejects.toMatchObject({
      code: 'E_ENGINE_UNFIT',
      message: expect.stringContaining(
        'expected API 1.41 or newer, found 1.24 (version 1.12.6)',
      ) as string,
    });
    server.close();
    server.closeAllConnections();
  });
});
