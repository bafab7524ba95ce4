import {execFile, execFileSync, spawnSync} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {createServer as createHttpServer, request as httpRequest, type Server} from 'node:http';
import {createServer as createHttpsServer} from 'node:https';
import {connect, type AddressInfo} from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, beforeEach, expect, it} from 'vitest';
import {makeFixtureProject} from '../../support/fixture-project.js';

let folder: string;
const servers: Server[] = [];
let plainUrl: string;
let secureUrl: string;
let proxyUrl: string;
/** What the proxy was asked for, with the Proxy-Authorization. */
let proxied: string[] = [];

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return portOf(server);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'proxies-'));
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'key.pem'],
      ...['-out', 'certificate.pem', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost'],
    ],
    {cwd: folder, stdio: 'ignore'},
  );
  const file = (name: string) => readFile(path.join(folder, name));
  const plain = createHttpServer((request, response) =>
    response.end(`plain ${request.headers.authorization ?? 'nobody'}`),
  );
  const secure = createHttpsServer(
    {key: await file('key.pem'), cert: await file('certificate.pem')},
    (request, response) => {
      if (request.url === '/down') response.writeHead(302, {location: plainUrl}).end();
      else response.end(`secure ${request.headers.authorization ?? 'nobody'}`);
    },
  );
  const proxy = createHttpServer((request, response) => {
    proxied.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? 'nobody'}`);
    const headers = {...request.headers};
    delete headers['proxy-authorization'];
    const onwards = httpRequest(request.url ?? '', {headers}, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onwards);
  }).on('connect', (request, socket) => {
    proxied.push(
      `CONNECT ${request.url ?? ''} ${request.headers['proxy-authorization'] ?? 'nobody'}`,
    );
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const tunnel = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      tunnel.pipe(socket).pipe(tunnel);
    });
    for (const end of [tunnel, socket])
      end.on('error', () => [tunnel, socket].forEach((each) => each.destroy()));
  });
  plainUrl = `http://localhost:${await listen(plain)}/`;
  secureUrl = `https://localhost:${await listen(secure)}/`;
  proxyUrl = `http://us%40er:se%3Acret@localhost:${await listen(proxy)}`;
});

beforeEach(() => (proxied = []));

afterAll(async () => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  await rm(folder, {recursive: true});
});

const noProxies = Object.fromEntries(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [
    [name, undefined],
    [name.toLowerCase(), undefined],
  ]),
);

async function request(
  environment: NodeJS.ProcessEnv,
  ...urls: readonly string[]
): Promise<readonly string[]> {
  const program = path.resolve(import.meta.dirname, '../../support/network/requests.mjs');
  const {stdout} = await promisify(execFile)(process.execPath, [program, ...urls], {
    env: {
      ...process.env,
      ...noProxies,
      NODE_EXTRA_CA_CERTS: path.join(folder, 'certificate.pem'),
      ...environment,
    },
  });
  return JSON.parse(stdout) as string[];
}

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
const proxyUser = basic('us@er:se:cret');

it('without a proxy, credentials go to the origin that they are for', async () => {
  const named = plainUrl.replace('//', '//na%2Fme:wo rd@');

  expect(await request({}, named, secureUrl, secureUrl.replace('//', '//me:@'))).toEqual([
    `200 plain ${basic('na/me:wo rd')}`,
    '200 secure nobody',
    `200 secure ${basic('me:')}`,
  ]);
});

it.each([[(name: string) => name], [(name: string) => name.toLowerCase()]])(
  'a proxy gets its own credentials, and those of an encrypted origin pass it unseen',
  async (spelled) => {
    const environment = {
      [spelled('HTTP_PROXY')]: proxyUrl,
      [spelled('HTTPS_PROXY')]: proxyUrl,
    };

    const answers = await request(environment, plainUrl, secureUrl.replace('//', '//me:word@'));

    expect(answers).toEqual(['200 plain nobody', `200 secure ${basic('me:word')}`]);
    expect(proxied).toEqual([
      `${plainUrl} ${proxyUser}`,
      `CONNECT ${new URL(secureUrl).host} ${proxyUser}`,
    ]);
  },
);

it.each(['NO_PROXY', 'no_proxy'])('%s leaves hosts out', async (name) => {
  const environment = {HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl, [name]: 'localhost'};

  expect(await request(environment, plainUrl, secureUrl)).toEqual([
    '200 plain nobody',
    '200 secure nobody',
  ]);
  expect(proxied).toEqual([]);
});

it('an address of no proxy, and one that does not answer, are named without their credentials', async () => {
  const [invalid, dead] = await Promise.all([
    request({HTTP_PROXY: 'http://me:word@host:nothing'}, plainUrl),
    request({HTTP_PROXY: 'http://me:word@localhost:1'}, plainUrl),
  ]);

  expect(invalid[0]).toContain('expected the address of a proxy');
  expect(dead[0]).toContain('ECONNREFUSED');
  expect([invalid, dead].join()).not.toContain('word');
});

it('a redirect from https to http is refused', async () => {
  expect(await request({}, `${secureUrl}down`)).toEqual([
    `redirected from https to ${plainUrl}, which is not encrypted`,
  ]);
});

it('a mirror gets the credentials in its address, and nothing shows or keeps them', async () => {
  await using project = await makeFixtureProject();
  const wanted = basic('me@work:pass/word');
  const mirror = createHttpServer((request, response) => {
    const isKnown = request.headers.authorization === wanted;
    response.writeHead(isKnown ? 200 : 401).end(isKnown ? project.source : undefined);
  });
  const port = await listen(mirror);
  const fetch = (pair: string, ...options: readonly string[]) =>
    project.ampoule(['fetch', ...options], {
      ...noProxies,
      AMPOULE_DEBIAN_MIRROR: `http://${pair}@localhost:${port}/debian`,
    });

  for (const options of [['--progress=plain'], ['--progress=json'], ['--json']]) {
    const failed = await fetch('me%40work:wrong-word', ...options);

    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain(`http://localhost:${port}/debian/pool`);
    expect(failed.stdout + failed.stderr).not.toMatch(/wrong-word|me(%40|@)work/);
  }
  const done = await fetch('me%40work:pass%2Fword', '--progress=json');

  expect(done.code).toBe(0);
  expect(done.stdout + done.stderr).not.toMatch(/pass(%2F|\/)word|me(%40|@)work/);
  // grep exits with 1 if it finds nothing.
  const kept = spawnSync('grep', ['-rlE', 'pass(%2F|/)word|me(%40|@)work', project.store]);
  expect([kept.status, kept.stdout.toString()]).toEqual([1, '']);
});

it('a mirror whose address is none is refused before anything is asked', async () => {
  await using project = await makeFixtureProject();

  const {code, stderr} = await project.ampoule(['fetch', '--debian-mirror', 'ftp://me:word@host/']);

  expect(code).toBe(2);
  expect(stderr).toBe(
    'ampoule: --debian-mirror: expected an http or https address, found ftp://host/.\n' +
      'In a user name or password, write special characters escaped: %2F for /, %23 for #, %3F for ?.\n',
  );
});
