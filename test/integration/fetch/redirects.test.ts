import {execFile} from 'node:child_process';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {expect, it} from 'vitest';
import {startServer} from './loopback-server.js';
import {HttpClient, RedirectError} from '../../../src/fetch/http-client.js';

const network = path.resolve(import.meta.dirname, '../../support/network');
const address = '93.184.215.14';
const hosts = `${address} public.test both.test\n127.0.0.1 private.test both.test localhost\n::1 private6.test\n`;

/** What becomes of chains of redirects, where this machine has a public address. */
async function follow(...chains: readonly string[]): Promise<Record<string, string>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'redirects-'));
  const hostsFile = path.join(folder, 'hosts');
  await writeFile(hostsFile, hosts);
  const inside = ['python3', path.join(network, 'on-the-internet.py'), address, hostsFile];
  const program = [process.execPath, path.join(network, 'redirects.mjs'), address, ...chains];
  try {
    const {stdout} = await promisify(execFile)('unshare', [
      ...['--user', '--map-root-user', '--net', '--mount', '--', ...inside, ...program],
    ]);
    return JSON.parse(stdout) as Record<string, string>;
  } finally {
    await rm(folder, {recursive: true});
  }
}

const refused = /^RedirectError: a public host redirected to .*an address of a private network$/;

it('a public host redirects to public addresses only, however they are written or looked up', async () => {
  const allowed = {
    'PUBLIC/public.test': 'reached public.test',
    'public.test/PUBLIC': `reached ${address}`,
    // Of both addresses, the public one.
    'public.test/both.test': 'reached both.test',
    'private.test/PUBLIC': `reached ${address}`,
    'private.test/127.0.0.1': 'reached 127.0.0.1',
    '127.0.0.1/private.test': 'reached private.test',
  };
  const forbidden = [
    'PUBLIC/127.0.0.1',
    'PUBLIC/private.test',
    'public.test/private.test',
    'public.test/private6.test',
    'public.test/localhost',
    'public.test/2130706433',
    'public.test/0x7f.0.0.1',
    'public.test/0',
    'public.test/[::1]',
    'public.test/[::ffff:127.0.0.1]',
    'public.test/169.254.169.254',
    'public.test/10.0.0.1',
    'public.test/public.test/private.test',
    // Once public, always public.
    'private.test/public.test/private.test',
  ];

  const outcomes = await follow(...Object.keys(allowed), ...forbidden);

  expect(outcomes).toMatchObject(allowed);
  for (const chain of forbidden)
    expect([chain, outcomes[chain]]).toEqual([chain, expect.stringMatching(refused)]);
});

it('a redirect carries credentials neither to another origin nor from its own text', async () => {
  const seen: (string | undefined)[] = [];
  await using other = await startServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end();
  });
  await using first = await startServer((_request, response) => {
    const target = other.url.replace('//', '//somebody:secret@');
    response.writeHead(302, {location: `${target}/file`}).end();
  });
  await using client = new HttpClient({connectTimeoutMs: 5000, stallTimeoutMs: 5000});

  const {url, body} = await client.request(first.url, {signal: new AbortController().signal});
  await body.dump();

  expect(url).toBe(`${other.url}/file`);
  expect(seen).toEqual([undefined]);
});

it('a redirect that is no http address is named without credentials', async () => {
  await using server = await startServer((_request, response) => {
    response.writeHead(302, {location: 'ftp://somebody:secret@example.org/file'}).end();
  });
  await using client = new HttpClient({connectTimeoutMs: 5000, stallTimeoutMs: 5000});

  const request = client.request(server.url, {signal: new AbortController().signal});

  await expect(request).rejects.toThrow(
    new RedirectError('redirected to ftp://example.org/file, which is not an http address'),
  );
});
