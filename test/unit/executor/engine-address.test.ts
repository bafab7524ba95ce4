import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import {addressText, engineCandidates} from '../../../src/executor/docker/engine-address.js';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'ampoule-home-'));
});

afterEach(() => rm(home, {recursive: true}));

const candidates = (variables: Record<string, string> = {}) =>
  engineCandidates({variables, homePath: home, uid: 1234});

async function addresses(variables: Record<string, string> = {}): Promise<readonly string[]> {
  return (await candidates(variables)).map(({address}) => addressText(address));
}

async function writeContext(name: string, endpoint: object): Promise<void> {
  const folder = path.join(home, '.docker/contexts/meta', sha256(name));
  await mkdir(folder, {recursive: true});
  const meta = {Name: name, Endpoints: {docker: endpoint}};
  await writeFile(path.join(folder, 'meta.json'), JSON.stringify(meta));
}

describe('the candidates for an engine', () => {
  it('are the usual sockets, those of rootless engines and podman too', async () => {
    expect(await addresses({XDG_RUNTIME_DIR: '/run/user/7'})).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///run/user/7/docker.sock',
      `unix://${home}/.docker/run/docker.sock`,
      'unix:///run/user/7/podman/podman.sock',
      'unix:///run/podman/podman.sock',
    ]);
    expect(await addresses()).toContain('unix:///run/user/1234/docker.sock');
  });

  it.each([
    ['unix:///a/b.sock', 'unix:///a/b.sock'],
    ['unix://', 'unix:///var/run/docker.sock'],
    ['tcp://engine:1234', 'tcp://engine:1234'],
    ['tcp://engine', 'tcp://engine:2375'],
    ['https://engine', 'tcp://engine:2376'],
    ['tcp://[::1]:1234', 'tcp://::1:1234'],
  ])('are DOCKER_HOST alone where it is set: %s', async (host, address) => {
    await writeContext('other', {Host: 'unix:///other'});

    expect(await addresses({DOCKER_HOST: host, DOCKER_CONTEXT: 'other'})).toEqual([address]);
  });

  it.each([
    [
      'ssh://user@engine',
      /DOCKER_HOST: engines over ssh are not supported.*\n.*ssh -nNT -L.*user@engine/,
    ],
    ['npipe:////./pipe/x', /DOCKER_HOST: expected unix:/],
    ['nonsense', /DOCKER_HOST: expected unix:/],
  ])('are refused where DOCKER_HOST cannot be one: %s', async (host, message) => {
    await expect(candidates({DOCKER_HOST: host})).rejects.toThrow(message);
  });

  it('have the certificates of DOCKER_CERT_PATH', async () => {
    for (const name of ['ca', 'cert', 'key']) await writeFile(path.join(home, `${name}.pem`), name);
    const variables = {DOCKER_HOST: 'tcp://engine:2376', DOCKER_TLS_VERIFY: '1'};

    const [found] = await candidates({...variables, DOCKER_CERT_PATH: home});

    const tls = {ca: 'ca', cert: 'cert', key: 'key', isVerified: true};
    expect(found?.address).toEqual({kind: 'tcp', host: 'engine', port: 2376, tls});
    await expect(candidates({...variables, DOCKER_CERT_PATH: '/nowhere'})).rejects.toThrow(
      'DOCKER_CERT_PATH: expected ca.pem, cert.pem and key.pem, /nowhere has none that can be read',
    );
  });

  it('are the context that is named or current, with its certificates', async () => {
    await writeContext('far', {Host: 'tcp://far:2376', SkipTLSVerify: true});
    const tls = path.join(home, '.docker/contexts/tls', sha256('far'), 'docker');
    await mkdir(tls, {recursive: true});
    await writeFile(path.join(tls, 'ca.pem'), 'ca');
    const expected = [
      {
        origin: 'context far',
        address: {kind: 'tcp', host: 'far', port: 2376, tls: {ca: 'ca', isVerified: false}},
      },
    ];

    expect(await candidates({DOCKER_CONTEXT: 'far'})).toEqual(expected);
    await writeFile(path.join(home, '.docker/config.json'), '{"currentContext": "far"}');
    expect(await candidates()).toEqual(expected);
    expect(await candidates({DOCKER_CONTEXT: 'default'})).toHaveLength(5);
    await expect(candidates({DOCKER_CONTEXT: 'gone'})).rejects.toThrow('docker context gone');
  });

  it('are refused where the settings of the docker CLI are no JSON', async () => {
    await mkdir(path.join(home, '.docker'));
    await writeFile(path.join(home, '.docker/config.json'), '{');

    await expect(candidates()).rejects.toThrow('config.json is not JSON');
  });
});
