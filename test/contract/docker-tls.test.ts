import {execFileSync} from 'node:child_process';
import {copyFile, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import {sha256} from '../../src/core/digest.js';
import {addressText} from '../../src/executor/docker/engine-address.js';
import {reasonToSkip, startDocker, titleWith, type TestEngine} from '../support/docker-engine.js';
import {makeFixtureProject, type FixtureProject} from '../support/fixture-project.js';

const skipped = reasonToSkip('dockerd');

/** Makes a CA, an engine's certificate for 127.0.0.1 and a client's, as PEM files of a folder. */
function makeCertificates(folder: string): void {
  const openssl = (...argv: readonly string[]) =>
    execFileSync('openssl', argv, {cwd: folder, stdio: 'ignore'});
  const key = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.pem`];
  openssl('req', '-x509', ...key('ca-key'), '-out', 'ca.pem', '-subj', '/CN=ca');
  for (const [name, keyName, extension] of [
    ['server', 'server-key', 'subjectAltName=IP:127.0.0.1'],
    ['cert', 'key', 'extendedKeyUsage=clientAuth'],
  ] as const) {
    const request = ['req', ...key(keyName), '-out', `${name}.csr`, '-subj', `/CN=${name}`];
    openssl(...request, '-addext', extension);
    const signing = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-CAcreateserial'];
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, ...signing, '-copy_extensions', 'copy'],
      ...['-out', `${name}.pem`],
    );
  }
}

describe.skipIf(skipped !== undefined)(titleWith('an engine with TLS', skipped), () => {
  let folder: string;
  let server: TestEngine;
  let host: string;
  let project: FixtureProject;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'ampoule-tls-'));
    for (const name of ['right', 'other']) {
      await mkdir(path.join(folder, name));
      makeCertificates(path.join(folder, name));
    }
    server = await startDocker({tlsFolder: path.join(folder, 'right')});
    host = addressText(server.tcp.address);
    project = await makeFixtureProject('images');
  });

  afterAll(async () => {
    await project[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await rm(folder, {recursive: true});
  });

  /** A folder with some of the certificates, as `DOCKER_CERT_PATH` names it. */
  async function certificates(files: Readonly<Record<string, string>>): Promise<string> {
    const made = await mkdtemp(path.join(folder, 'client-'));
    for (const [name, source] of Object.entries(files)) {
      await copyFile(path.join(folder, source), path.join(made, name));
    }
    return made;
  }

  const right = {
    'ca.pem': 'right/ca.pem',
    'cert.pem': 'right/cert.pem',
    'key.pem': 'right/key.pem',
  };

  const doctor = (environment: NodeJS.ProcessEnv) =>
    project.ampoule(['doctor', '--executor', 'docker'], {HOME: folder, ...environment});

  it('is used with the certificates that DOCKER_CERT_PATH names', async () => {
    const {stdout} = await doctor({
      ...{DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1'},
      DOCKER_CERT_PATH: await certificates(right),
    });

    expect(stdout).toMatch(/^ok {7}engine: .*at tcp:.*\(DOCKER_HOST\)$/m);
    expect(stdout).toMatch(/^ok {7}sandbox: starts/m);
  });

  it('is used as a context of the docker CLI says', async () => {
    const contexts = path.join(folder, '.docker/contexts');
    const id = sha256('far');
    const tls = path.join(contexts, 'tls', id, 'docker');
    await mkdir(path.join(contexts, 'meta', id), {recursive: true});
    await mkdir(path.dirname(tls), {recursive: true});
    const meta = {Name: 'far', Endpoints: {docker: {Host: host, SkipTLSVerify: false}}};
    await writeFile(path.join(contexts, 'meta', id, 'meta.json'), JSON.stringify(meta));
    await mkdir(tls);
    for (const [name, source] of Object.entries(right)) {
      await copyFile(path.join(folder, source), path.join(tls, name));
    }

    const {stdout} = await doctor({DOCKER_CONTEXT: 'far'});

    expect(stdout).toMatch(/^ok {7}engine: .*\(context far\)$/m);
    expect(stdout).toMatch(/^ok {7}sandbox: starts/m);
  });

  it.each<[string, Readonly<Record<string, string>>, string]>([
    ['the CA of another', {...right, 'ca.pem': 'other/ca.pem'}, 'is not signed by the expected CA'],
    [
      "another CA's certificate",
      {'ca.pem': 'right/ca.pem', 'cert.pem': 'other/cert.pem', 'key.pem': 'other/key.pem'},
      'it refuses the certificate of this client',
    ],
    ['no certificate', {'ca.pem': 'right/ca.pem'}, 'it refuses the certificate of this client'],
    [
      "another certificate's key",
      {...right, 'key.pem': 'other/key.pem'},
      'whether the key is that',
    ],
    ['nothing', {}, 'expected ca.pem, cert.pem and key.pem'],
  ])('says what is wrong with %s', async (_title, files, message) => {
    const {stdout} = await doctor({
      ...{DOCKER_HOST: host, DOCKER_TLS_VERIFY: '1'},
      DOCKER_CERT_PATH: await certificates(files),
    });

    expect(stdout).toContain('PROBLEM  engine:');
    expect(stdout).toContain(message);
  });

  it('says that it may speak TLS to who does not, whatever DOCKER_CERT_PATH says', async () => {
    const {stdout} = await doctor({DOCKER_HOST: host, DOCKER_CERT_PATH: '/nowhere'});

    expect(stdout).toContain('Next: if the engine speaks TLS, DOCKER_TLS_VERIFY=1');
  });
});
