import pLimit from 'p-limit';
import {randomBytes} from 'node:crypto';
import {mkdtemp, readFile, readdir, rm, stat, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {setTimeout as sleep} from 'node:timers/promises';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import type {FetchEvent} from '../../../src/core/source-store.js';
import type {Source, SourceLocation} from '../../../src/core/source.js';
import {ChecksumMismatchError, SourceUnavailableError} from '../../../src/fetch/fetch-error.js';
import {fetchSources, type FetchOptions} from '../../../src/fetch/fetch-sources.js';
import {DiskSourceStore} from '../../../src/store/disk-source-store.js';
import {
  cutAfter,
  inTurn,
  serve,
  stallAfter,
  startServer,
  status,
  type Handler,
} from './loopback-server.js';

const bytes = randomBytes(300_000);
const otherBytes = randomBytes(300_000);

let directory: string;
let sink: DiskSourceStore;
let events: FetchEvent[];
let delays: number[];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ampoule-fetch-'));
  sink = new DiskSourceStore(directory);
  events = [];
  delays = [];
});
afterEach(() => rm(directory, {recursive: true}));

function sourceAt(...locations: readonly (string | SourceLocation)[]): Source {
  return {
    fileName: 'x-1.tar.xz',
    sha256: sha256(bytes),
    sizeBytes: bytes.length,
    locations: locations.map((location) =>
      typeof location === 'string' ? {kind: 'url', url: location} : location,
    ),
  };
}

function options(more: Partial<FetchOptions> = {}): FetchOptions {
  return {
    sink,
    mirrors: {basesFor: () => Promise.resolve([])},
    signal: new AbortController().signal,
    onEvent: (event) => events.push(event),
    timeouts: {connectTimeoutMs: 5_000, stallTimeoutMs: 150},
    clock: {
      now: () => 0,
      random: () => 0.5,
      sleep: (delayMs) => {
        delays.push(delayMs);
        return Promise.resolve();
      },
    },
    ...more,
  };
}

async function fetched(source: Source, more: Partial<FetchOptions> = {}): Promise<Buffer> {
  await fetchSources([source], options(more));
  return readFile(sink.pathOf(source.sha256));
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('fetchSources', () => {
  it('downloads, checks and publishes, and leaves nothing else behind', async () => {
    await using server = await startServer(serve(bytes));
    const source = sourceAt(`${server.url}/x`);

    expect((await fetched(source)).equals(bytes)).toBe(true);

    expect(await readdir(directory)).toEqual([source.sha256]);
    expect(events.map(({kind}) => kind)).toEqual([
      'fetch-started',
      'fetch-progress',
      'fetch-finished',
    ]);
  });

  it('asks nobody for what is there', async () => {
    await using server = await startServer(serve(bytes));
    const source = sourceAt(`${server.url}/x`);
    await fetched(source);

    await fetched(source);

    expect(server.requests).toEqual(['GET /x']);
  });

  it('downloads a source once that is asked for twice, in one call and in two', async () => {
    await using server = await startServer(serve(bytes));
    const source = sourceAt(`${server.url}/x`);

    await Promise.all([
      fetchSources([source, {...source, fileName: 'y'}], options()),
      fetchSources([source], options()),
    ]);

    expect(server.requests).toEqual(['GET /x']);
  });

  it('resumes where a broken connection left off, from another location too', async () => {
    const partial = sink.temporaryPathFor(sha256(bytes));
    const taken = async (): Promise<void> => {
      while (((await stat(partial).catch(() => undefined))?.size ?? 0) === 0) await sleep(5);
    };
    await using broken = await startServer(cutAfter(bytes, 100_000, taken));
    await using good = await startServer(serve(bytes));
    const source = sourceAt(`${broken.url}/x`, `${good.url}/x`);

    expect((await fetched(source)).equals(bytes)).toBe(true);

    const [request] = good.requests;
    expect(request).toMatch(/^GET \/x bytes=[1-9]\d*-$/);
    expect(delays).toEqual([]);
  });

  it('resumes what an earlier run left', async () => {
    await using server = await startServer(serve(bytes));
    const source = sourceAt(`${server.url}/x`);
    await writeFile(sink.temporaryPathFor(source.sha256), bytes.subarray(0, 1234));

    expect((await fetched(source)).equals(bytes)).toBe(true);

    expect(server.requests).toEqual(['GET /x bytes=1234-']);
    expect(events[0]).toMatchObject({kind: 'fetch-started', resumedBytes: 1234});
  });

  it('publishes what an earlier run had downloaded whole, without asking anyone', async () => {
    await using server = await startServer(serve(bytes));
    const source = sourceAt(`${server.url}/x`);
    await writeFile(sink.temporaryPathFor(source.sha256), bytes);

    expect((await fetched(source)).equals(bytes)).toBe(true);

    expect(server.requests).toEqual([]);
  });

  it.each<[string, Buffer]>([
    ['other bytes', otherBytes.subarray(0, 1234)],
    ['the size of the whole and other bytes', otherBytes],
    ['more than the whole', Buffer.concat([bytes, bytes])],
  ])('starts over when an earlier run left %s', async (_what, left) => {
    await using server = await startServer(serve(bytes));
    const source = sourceAt(`${server.url}/x`);
    await writeFile(sink.temporaryPathFor(source.sha256), left);

    expect((await fetched(source)).equals(bytes)).toBe(true);

    expect(server.requests.at(-1)).toBe('GET /x');
  });

  it.each<[string, Handler]>([
    [
      'ignores Range',
      (request, response) => {
        delete request.headers.range;
        serve(bytes)(request, response);
      },
    ],
    [
      'resumes at another byte',
      inTurn((_request, response) => {
        response.writeHead(206, {
          'content-range': `bytes 0-${bytes.length - 1}/${bytes.length}`,
          'content-length': bytes.length,
        });
        response.end(bytes);
      }, serve(bytes)),
    ],
    ['says that the range cannot be had', inTurn(status(416), serve(bytes))],
  ])('gets the whole file from a server that %s', async (_what, handler) => {
    await using server = await startServer(handler);
    const source = sourceAt(`${server.url}/x`);
    await writeFile(sink.temporaryPathFor(source.sha256), bytes.subarray(0, 1234));

    expect((await fetched(source)).equals(bytes)).toBe(true);
  });

  it.each<[string, Handler]>([
    ['sends other bytes of the same size', serve(otherBytes)],
    ['sends a page instead of the file', serve(Buffer.from('<html>log in</html>'))],
    [
      'sends more than the pinned size',
      (_request, response) => {
        response.write(bytes);
        response.end('and more');
      },
    ],
    ['has no such file', status(404)],
    ['fails', status(503)],
    [
      'ends too early',
      (_request, response) => {
        response.write(bytes.subarray(0, 10));
        response.end();
      },
    ],
    ['stalls', stallAfter(bytes, 1000)],
    ['never answers', () => undefined],
    [
      'redirects to itself',
      (request, response) => {
        response.writeHead(302, {location: request.url}).end();
      },
    ],
    ['redirects to a file', status(301, {location: 'file:///etc/passwd'})],
  ])('goes to the next location when one %s', async (_what, handler) => {
    await using bad = await startServer(handler);
    await using good = await startServer(serve(bytes));

    expect((await fetched(sourceAt(`${bad.url}/x`, `${good.url}/x`))).equals(bytes)).toBe(true);

    expect(events).toContainEqual(
      expect.objectContaining({kind: 'fetch-retried', url: `${bad.url}/x`, delayMs: 0}),
    );
    expect(await readdir(directory)).toEqual([sha256(bytes)]);
  });

  it('follows redirects to other hosts', async () => {
    await using good = await startServer(serve(bytes));
    await using first = await startServer(status(302, {location: `${good.url}/moved`}));

    expect((await fetched(sourceAt(`${first.url}/x`))).equals(bytes)).toBe(true);

    expect(good.requests).toEqual(['GET /moved']);
  });

  it('puts pool paths behind the mirrors of their suite, in order', async () => {
    await using empty = await startServer(status(404));
    await using mirror = await startServer(serve(bytes));
    const basesFor = (suite: string) =>
      Promise.resolve([`${empty.url}/${suite}`, `${mirror.url}/${suite}`]);

    await fetched(sourceAt({kind: 'debian', suite: 'sid', poolPath: 'pool/main/x/x.deb'}), {
      mirrors: {basesFor},
    });

    expect([...empty.requests, ...mirror.requests]).toEqual([
      'GET /sid/pool/main/x/x.deb',
      'GET /sid/pool/main/x/x.deb',
    ]);
  });

  it('pauses twice as long after each round, up to a bound, and resumes in each', async () => {
    await using server = await startServer(
      inTurn(status(500), status(503), status(429), stallAfter(bytes, 5000), serve(bytes)),
    );

    await fetched(sourceAt(`${server.url}/x`), {
      retry: {rounds: 5, baseDelayMs: 100, maxDelayMs: 500},
    });

    expect(delays).toEqual([75, 150, 300, 375]);
    expect(server.requests.at(-1)).toMatch(/bytes=[1-9]/);
  });

  it('does not ask again where the file is not', async () => {
    await using server = await startServer(status(404));

    const error = await errorOf(
      fetched(sourceAt(`${server.url}/x`), {nextSteps: () => ['Lock the image again.']}),
    );

    expect(error).toBeInstanceOf(SourceUnavailableError);
    expect(String(error)).toContain('Lock the image again.');
    expect(server.requests).toEqual(['GET /x']);
    expect(events.at(-1)).toMatchObject({kind: 'fetch-failed', reason: 'the server answered 404'});
  });

  it('says what was expected and found when no location has the pinned bytes', async () => {
    await using lying = await startServer(serve(otherBytes));
    await using missing = await startServer(status(404));
    const source = sourceAt(`${lying.url}/x`, `${missing.url}/x`);

    const error = await errorOf(fetched(source));

    expect(error).toBeInstanceOf(ChecksumMismatchError);
    expect(String(error)).toContain(`expected sha256 ${sha256(bytes)}, 300000 bytes`);
    expect(String(error)).toContain(`found sha256 ${sha256(otherBytes)}, 300000 bytes`);
    expect(String(error)).toContain(`${missing.url}/x: the server answered 404`);
    expect(await readdir(directory)).toEqual([]);
  });

  it('suspects the edit of a pin: prints the sha256 of a file with another size, and tries no dead host again', async () => {
    const gone = await startServer(status(404));
    await gone[Symbol.asyncDispose]();
    await using server = await startServer(serve(bytes));
    const source = {...sourceAt(`${gone.url}/x`, `${server.url}/x`), sizeBytes: 299_999};

    const error = await errorOf(fetched(source));

    expect(error).toBeInstanceOf(ChecksumMismatchError);
    expect(String(error)).toContain(`found sha256 ${sha256(bytes)}, 300000 bytes`);
    expect(String(error)).toMatch(/If the recipe was edited: its version, url, sha256/);
    expect(String(error)).not.toContain('5 times');
    // The whole file is read for its sha256: that may take long.
    expect(events.slice(-3)).toMatchObject([
      {kind: 'fetch-started', source: {sizeBytes: 300_000}},
      {kind: 'fetch-progress'},
      {kind: 'fetch-failed'},
    ]);
    expect(delays).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('reports a total outage once, with all attempts, and gives up on dead hosts early', async () => {
    const gone = await startServer(status(404));
    await gone[Symbol.asyncDispose]();
    const sources = Array.from({length: 20}, (_, index) => ({
      ...sourceAt(`${gone.url}/${index}`),
      sha256: sha256(String(index)),
      fileName: `file-${index}`,
    }));

    const error = await errorOf(
      fetchSources(
        sources,
        options({limit: pLimit(2), nextSteps: () => ['Lock the image again.']}),
      ),
    );

    expect(error).toBeInstanceOf(SourceUnavailableError);
    const {message} = error as SourceUnavailableError;
    expect(message).toContain('20 sources could not be downloaded:');
    // Which of the two that run at once has the last try before the host counts as dead is a race.
    expect(message).toMatch(/file-[01], .*\n.*\/[01]: connect ECONNREFUSED .* \(5 times\)/);
    expect(message).toContain('and 15 more');
    expect(message).not.toContain('Lock the image again.');
    expect(message).toContain('AMPOULE_DEBIAN_MIRROR');
    expect(delays.length).toBeLessThanOrEqual(2 * 4);
  });

  it('gets the other sources although one cannot be had', async () => {
    await using server = await startServer((request, response) => {
      (request.url === '/x' ? serve(bytes) : status(404))(request, response);
    });
    const good = sourceAt(`${server.url}/x`);
    const bad = {...sourceAt(`${server.url}/y`), sha256: sha256('y')};

    const error = await errorOf(fetchSources([bad, good], options({limit: pLimit(1)})));

    expect(error).toBeInstanceOf(SourceUnavailableError);
    expect(await sink.has(good)).toBe(true);
  });

  it('stops when told to, keeps what has arrived and leaves no lock', async () => {
    const stop = new AbortController();
    const reason = new Error('stop');
    await using server = await startServer(stallAfter(bytes, 100_000));
    const source = sourceAt(`${server.url}/x`);

    const error = await errorOf(
      fetchSources(
        [source],
        options({
          signal: stop.signal,
          timeouts: {connectTimeoutMs: 5_000, stallTimeoutMs: 60_000},
          onEvent: (event) => {
            if (event.kind === 'fetch-progress') stop.abort(reason);
          },
        }),
      ),
    );

    expect(error).toBe(reason);
    expect(await readdir(directory)).toEqual([`${source.sha256}.partial`]);
  });
});
