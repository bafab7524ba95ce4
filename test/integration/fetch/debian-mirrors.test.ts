import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {describe, expect, it} from 'vitest';
import {parseAptUris, readAptFiles} from '../../../src/fetch/apt-configuration.js';
import {discoverDebianMirrors} from '../../../src/fetch/debian-mirrors.js';
import {chooseSourceSet} from '../../../src/fetch/source-set.js';
import {startServer, status, type Handler} from './loopback-server.js';

const {signal} = new AbortController();

function inRelease(origin: string, codename: string): Handler {
  return (request, response) => {
    if (request.url?.endsWith(`/dists/${codename}/InRelease`) !== true) {
      response.writeHead(404).end();
      return;
    }
    response.end(
      `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: ${origin}\nSuite: stable\n` +
        `Codename: ${codename}\nDate: Sat, 12 Sep 2026 07:55:41 UTC\n-----BEGIN PGP SIGNATURE-----\n`,
    );
  };
}

describe('discoverDebianMirrors', () => {
  it('keeps those of apt that have the suite of Debian itself, between the configured one and the snapshot', async () => {
    await using third = await startServer(inRelease('Nodes Inc.', 'trixie'));
    await using security = await startServer(inRelease('Debian', 'trixie-security'));
    await using debian = await startServer(inRelease('Debian', 'trixie'));
    await using silent = await startServer(() => undefined);
    await using page = await startServer((_request, response) => response.end('<html>'));
    const aptUris = [third, security, silent, page, debian].map(({url}) => `${url}/debian`);
    const mirrors = discoverDebianMirrors(
      {configured: 'http://mine.invalid/debian/', aptUris, snapshot: '20261121T020000Z'},
      {timeoutMs: 200},
    );

    const bases = await mirrors.basesFor('trixie', signal);
    await mirrors.basesFor('trixie', signal);

    expect(bases).toEqual([
      'http://mine.invalid/debian',
      `${debian.url}/debian`,
      'https://snapshot.debian.org/archive/debian/20261121T020000Z',
    ]);
    expect(debian.requests).toEqual(['GET /debian/dists/trixie/InRelease']);
  });

  it('asks nobody before a suite is wanted', async () => {
    await using server = await startServer(inRelease('Debian', 'trixie'));

    discoverDebianMirrors({aptUris: [server.url]});

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
