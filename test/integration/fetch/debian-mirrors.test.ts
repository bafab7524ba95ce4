import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {beforeAll, describe, expect, it} from 'vitest';
import {parseAptUris, readAptFiles} from '../../../src/fetch/apt-configuration.js';
import {discoverDebianMirrors} from '../../../src/fetch/debian-mirrors.js';
import {chooseSourceSet} from '../../../src/fetch/source-set.js';
import {clearSign, makeSigningKey, type SigningKey} from '../../support/signing-key.js';
import {startServer, status, type Handler} from './loopback-server.js';

const {signal} = new AbortController();

let debianKey: SigningKey;
let otherKey: SigningKey;
beforeAll(async () => {
  [debianKey, otherKey] = await Promise.all([makeSigningKey(), makeSigningKey()]);
});

const keys = () => Promise.resolve([debianKey.file]);

async function inRelease(codename: string, key: SigningKey): Promise<Handler> {
  const text = `Origin: Debian\nSuite: stable\nCodename: ${codename}\nDate: Sat, 12 Sep 2026 07:55:41 UTC\n`;
  const signed = await clearSign(text, [key]);
  return (request, response) => {
    const isThere = request.url?.endsWith('/dists/trixie/InRelease') === true;
    if (isThere) response.end(signed);
    else response.writeHead(404).end();
  };
}

describe('discoverDebianMirrors', () => {
  it("keeps those of apt that have Debian's signature of the suite, between the configured one and the snapshot", async () => {
    await using impostor = await startServer(await inRelease('trixie', otherKey));
    await using security = await startServer(await inRelease('trixie-security', debianKey));
    await using debian = await startServer(await inRelease('trixie', debianKey));
    await using silent = await startServer(() => undefined);
    await using page = await startServer((_request, response) => response.end('<html>'));
    const aptUris = [impostor, security, silent, page, debian].map(({url}) => `${url}/debian`);
    const notices: string[] = [];
    const mirrors = discoverDebianMirrors(
      {configured: 'http://mine.invalid/debian/', aptUris, keys, snapshot: '20261121T020000Z'},
      {timeoutMs: 1000, onNotice: (message) => notices.push(message)},
    );

    const bases = await mirrors.basesFor('trixie', signal);
    await mirrors.basesFor('trixie', signal);

    expect(bases).toEqual([
      'http://mine.invalid/debian',
      `${debian.url}/debian`,
      'https://snapshot.debian.org/archive/debian/20261121T020000Z',
    ]);
    expect(debian.requests).toEqual(['GET /debian/dists/trixie/InRelease']);
    expect(notices).toEqual([]);
  });

  it('says why when none of apt serves', async () => {
    await using impostor = await startServer(await inRelease('trixie', otherKey));
    await using empty = await startServer(status(404));
    const notices: string[] = [];
    const mirrors = discoverDebianMirrors(
      {aptUris: [impostor.url, empty.url], keys},
      {onNotice: (message) => notices.push(message)},
    );

    expect(await mirrors.basesFor('trixie', signal)).toEqual([]);

    const id = otherKey.privateKey.getKeyID().toHex().toUpperCase();
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(`${impostor.url}: InRelease has no good signature`);
    expect(notices[0]).toContain(`key ${id}: it is not in docker/keyrings`);
    expect(notices[0]).toContain(`${empty.url}: the server answered 404`);
  });

  it('asks nobody and reads no key before a suite is wanted', async () => {
    await using server = await startServer(status(200));

    discoverDebianMirrors({
      aptUris: [server.url],
      keys: () => Promise.reject(new Error('a key was read')),
    });

    expect(server.requests).toEqual([]);
  });
});

describe('readAptFiles and parseAptUris', () => {
  it('give the http addresses of enabled binary archives in the order of the files', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ampoule-apt-'));
    const parts = path.join(folder, 'sources.list.d');
    await mkdir(parts);
    await writeFile(
      path.join(folder, 'sources.list'),
      '# deb http://off.invalid/debian x main\n' +
        'deb [arch=amd64 signed-by=/k] http://one.invalid/debian/ trixie main\n' +
        'deb-src http://src.invalid/debian trixie main\ndeb cdrom:[x]/ trixie main\n' +
        'deb mirror+file:/etc/apt/mirrors trixie main\n',
    );
    await writeFile(path.join(parts, 'b.list'), 'deb http://three.invalid/x trixie main\n');
    await writeFile(
      path.join(parts, 'a.sources'),
      'Types: deb deb-src\n# c\nURIs: http://two.invalid/debian http://one.invalid/debian\nSuites: trixie\n\n' +
        'Types: deb\nURIs: http://disabled.invalid/\nEnabled: no\n\nTypes: deb-src\nURIs: http://s.invalid/\n',
    );
    await writeFile(path.join(parts, 'c.list.bak'), 'deb http://bak.invalid/x trixie main\n');

    const uris = parseAptUris(await readAptFiles(folder));

    await rm(folder, {recursive: true});
    expect(uris).toEqual([
      'http://one.invalid/debian',
      'http://two.invalid/debian',
      'http://three.invalid/x',
    ]);
  });

  it('give nothing on a machine without apt', async () => {
    expect(parseAptUris(await readAptFiles('/nonexistent'))).toEqual([]);
  });
});

describe('chooseSourceSet', () => {
  it('takes what was asked for without asking anyone', async () => {
    const choice = await chooseSourceSet('upstream', ['http://x.invalid/'], {signal});

    expect(choice.sourceSet).toBe('upstream');
  });

  it('takes upstream when every host answers, asking each host once', async () => {
    await using one = await startServer(status(200));
    await using two = await startServer(status(405));

    const choice = await chooseSourceSet('auto', [`${one.url}/a`, `${one.url}/b`, `${two.url}/c`], {
      signal,
    });

    expect(choice).toEqual({sourceSet: 'upstream', reason: 'all 2 upstream hosts answer'});
    expect(one.requests).toHaveLength(1);
  });

  it('takes debian when a host is silent or refuses, and names the first', async () => {
    await using good = await startServer(status(200));
    await using silent = await startServer(() => undefined);
    await using refusing = await startServer(status(403));

    const choice = await chooseSourceSet(
      'auto',
      [good, silent, refusing].map(({url}) => `${url}/a`),
      {signal, timeoutMs: 150},
    );

    expect(choice.sourceSet).toBe('debian');
    expect(choice.reason).toBe(
      `2 of 3 upstream hosts do not answer: ${new URL(silent.url).host} (no answer in time) and 1 more`,
    );
    const one = await chooseSourceSet('auto', [`${refusing.url}/a`], {signal});
    expect(one.reason).toContain(`${new URL(refusing.url).host} (status 403)`);
  });
});
