import {randomBytes} from 'node:crypto';
import {mkdtemp, readdir, rm, writeFile} from 'node:fs/promises';
import {createServer, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import type {Writable} from 'node:stream';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {afterEach, beforeEach, describe, expect, it} from 'vitest';
import {sha256} from '../../../src/core/digest.js';
import type {Source} from '../../../src/core/source.js';
import type {FetchEvent} from '../../../src/core/source-store.js';
import {SourceUnavailableError} from '../../../src/fetch/fetch-error.js';
import {fetchSources, type FetchOptions} from '../../../src/fetch/fetch-sources.js';
import {HttpClient} from '../../../src/fetch/http-client.js';
import {fetchInRelease} from '../../../src/fetch/in-release-file.js';
import {DiskSourceStore} from '../../../src/store/disk-source-store.js';
import {serve, startServer, status, type Handler} from '../fetch/loopback-server.js';

const bytes = randomBytes(300_000);

let directory: string;
let sink: DiskSourceStore;
let events: FetchEvent[];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ampoule-mirrors-'));
  sink = new DiskSourceStore(directory);
  events = [];
});
afterEach(() => rm(directory, {recursive: true}));

const sourceAt = (...urls: readonly string[]): Source => ({
  fileName: 'x-1.tar.xz',
  sha256: sha256(bytes),
  sizeBytes: bytes.length,
  locations: urls.map((url) => ({kind: 'url', url})),
});

const options = (more: Partial<FetchOptions> = {}): FetchOptions => ({
  sink,
  mirrors: {basesFor: () => Promise.resolve([])},
  signal: new AbortController().signal,
  onEvent: (event) => events.push(event),
  retry: {rounds: 2, baseDelayMs: 0, maxDelayMs: 0},
  timeouts: {
    connectTimeoutMs: 5_000,
    stallTimeoutMs: 400,
    slowest: {bytes: 20_000, withinMs: 300},
  },
  ...more,
});

interface Mirror extends AsyncDisposable {
  readonly url: string;
}

/** A server that speaks no HTTP but what a test makes it say. */
async function startRawServer(answer: (socket: Socket) => void): Promise<Mirror> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Writes again and again until the other side has enough. */
function everyMs(ms: number, socket: Writable, part: string | Buffer): void {
  const timer = setInterval(() => socket.write(part), ms);
  socket.once('close', () => clearInterval(timer));
}

/** Writes as fast as the other side reads. */
function forEver(socket: Writable, part: string | Buffer): void {
  const more = (): void => {
    while (socket.write(part));
  };
  socket.on('drain', more);
  more();
}

const header = (lines: readonly string[]) => `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n`;
const http =
  (handler: Handler): (() => Promise<Mirror>) =>
  () =>
    startServer(handler);
const raw =
  (answer: (socket: Socket) => void): (() => Promise<Mirror>) =>
  () =>
    startRawServer(answer);

const badMirrors: readonly (readonly [string, () => Promise<Mirror>])[] = [
  [
    'sends a little now and then',
    http((_request, response) => {
      response.writeHead(200, {'content-length': bytes.length});
      everyMs(50, response, bytes.subarray(0, 10));
    }),
  ],
  [
    'sends its headers a little now and then, without end',
    raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      everyMs(50, socket, 'x-more: and more\r\n');
    }),
  ],
  ['floods with headers', raw((socket) => forEver(socket, `x-more: ${'m'.repeat(1000)}\r\n`))],
  [
    'floods with headers of an answer',
    raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      forEver(socket, `x-more: ${'m'.repeat(1000)}\r\n`);
    }),
  ],
  [
    'announces its answer without end',
    raw((socket) => forEver(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n')),
  ],
  ['speaks another protocol', raw((socket) => socket.end('SSH-2.0-OpenSSH_10.0\r\n'))],
  ['closes at once', raw((socket) => socket.destroy())],
  ['resets the connection', raw((socket) => socket.resetAndDestroy())],
  [
    'resets the connection in the middle',
    raw((socket) => {
      socket.write(header([`content-length: ${bytes.length}`]));
      socket.write(bytes.subarray(0, 1000), () => setTimeout(() => socket.resetAndDestroy(), 50));
    }),
  ],
  [
    'announces fewer bytes than it sends',
    raw((socket) => {
      socket.write(header(['content-length: 1000']));
      socket.end(bytes);
    }),
  ],
  [
    'announces more bytes than it sends',
    raw((socket) => {
      socket.write(header([`content-length: ${bytes.length + 1}`]));
      socket.end(bytes);
    }),
  ],
  [
    'announces a length that is no number',
    raw((socket) => socket.end(header(['content-length: many']) + 'x')),
  ],
  [
    'announces two lengths',
    raw((socket) => {
      socket.write(header([`content-length: ${bytes.length}`, 'content-length: 5']));
      socket.end(bytes);
    }),
  ],
  [
    'sends broken chunks',
    raw((socket) => socket.end(header(['transfer-encoding: chunked']) + 'zz\r\nnonsense')),
  ],
  [
    'claims a chunk of 8 EiB',
    raw((socket) => socket.end(header(['transfer-encoding: chunked']) + '7fffffffffffffff\r\nx')),
  ],
  [
    'claims no length and never ends',
    raw((socket) => {
      socket.write(header(['connection: close']));
      forEver(socket, bytes);
    }),
  ],
  [
    'sends gzip that nobody asked for',
    http((_request, response) => {
      const packed = gzipSync(bytes);
      response.writeHead(200, {'content-encoding': 'gzip', 'content-length': packed.length});
      response.end(packed);
    }),
  ],
  [
    'sends a bomb as gzip',
    http((_request, response) => {
      response.writeHead(200, {'content-encoding': 'gzip'});
      response.end(gzipSync(Buffer.alloc(64 << 20)));
    }),
  ],
  [
    'sends everybody to a page to log in',
    http((request, response) => {
      if (request.url === '/login') {
        response.writeHead(200, {'content-type': 'text/html'}).end('<html>log in</html>');
      } else response.writeHead(302, {location: '/login'}).end();
    }),
  ],
  [
    'sends from one address to the next without end',
    http((request, response) => {
      response.writeHead(302, {location: `${request.url ?? ''}x`}).end();
    }),
  ],
  [
    'redirects to escape sequences',
    http((_request, response) => {
      response.writeHead(302, {location: 'x:%1b[2J'}).end();
    }),
  ],
  [
    'answers a part that nobody asked for',
    http((_request, response) => {
      response.writeHead(206, {'content-range': `bytes 0-9/${bytes.length}`}).end('0123456789');
    }),
  ],
  ['forbids', http(status(403))],
  ['is gone', http(status(410))],
  ['answers without content', http(status(204))],
  [
    'cannot be found by name',
    () =>
      Promise.resolve({
        url: 'http://nowhere.invalid',
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  ],
];

describe('a mirror that', () => {
  it.each(badMirrors)('%s is passed over for the next one, and named', async (_title, start) => {
    await using bad = await start();
    await using good = await startServer(serve(bytes));

    await fetchSources([sourceAt(`${bad.url}/x`, `${good.url}/x`)], options());

    const retried = events.find(({kind}) => kind === 'fetch-retried');
    expect(retried).toMatchObject({url: `${bad.url}/x`, delayMs: 0});
    expect(await readdir(directory)).toEqual([sha256(bytes)]);
  });

  it.each<readonly [string, Buffer, Handler]>([
    [
      'answers another range',
      bytes.subarray(0, 1000),
      (_request, response) => {
        response.writeHead(206, {'content-range': `bytes 5-${bytes.length - 1}/${bytes.length}`});
        response.end(bytes.subarray(5));
      },
    ],
    [
      'answers several ranges',
      bytes.subarray(0, 1000),
      (_request, response) => {
        response.writeHead(206, {'content-type': 'multipart/byteranges; boundary=x'}).end('--x--');
      },
    ],
    [
      'answers the range of a file of another size',
      bytes.subarray(0, 1000),
      (_request, response) => {
        response.writeHead(206, {'content-range': `bytes 1000-${bytes.length - 1}/999999999`});
        response.end(bytes.subarray(1000));
      },
    ],
    [
      'answers the right range with wrong bytes',
      bytes.subarray(0, 1000),
      (_request, response) => {
        response.writeHead(206, {
          'content-range': `bytes 1000-${bytes.length - 1}/${bytes.length}`,
        });
        response.end(randomBytes(bytes.length - 1000));
      },
    ],
    [
      'never ends the range',
      bytes.subarray(0, 1000),
      (_request, response) => {
        response.writeHead(206, {
          'content-range': `bytes 1000-${bytes.length - 1}/${bytes.length}`,
        });
        forEver(response, bytes);
      },
    ],
    ['lies about what is larger than the file', Buffer.concat([bytes, bytes]), status(416)],
  ])('%s is passed over while resuming', async (_title, partial, handler) => {
    await using bad = await startServer(handler);
    await using good = await startServer(serve(bytes));
    await writeFile(sink.temporaryPathFor(sha256(bytes)), partial);

    await fetchSources([sourceAt(`${bad.url}/x`, `${good.url}/x`)], options());

    expect(await readdir(directory)).toEqual([sha256(bytes)]);
  });

  it('all serve nothing gives one error with every attempt, in bounded time', async () => {
    const mirrors = await Promise.all(
      badMirrors.filter(([title]) => !title.includes('gzip')).map(([, start]) => start()),
    );
    try {
      const error: unknown = await fetchSources(
        [sourceAt(...mirrors.map(({url}) => `${url}/x`))],
        options(),
      ).catch((thrown: unknown) => thrown);

      const {message} = error as Error;
      for (const {url} of mirrors) expect(message).toContain(`${url}/x: `);
      // eslint-disable-next-line no-control-regex
      expect(message).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
      const left = await readdir(directory);
      expect(left.filter((name) => !name.endsWith('.partial'))).toEqual([]);
    } finally {
      await Promise.all(mirrors.map((mirror) => mirror[Symbol.asyncDispose]()));
    }
  });

  it('have no such file give an error of their own kind', async () => {
    await using one = await startServer(status(404));
    await using two = await startServer(status(410));

    const fetching = fetchSources([sourceAt(`${one.url}/x`, `${two.url}/x`)], options());

    await expect(fetching).rejects.toBeInstanceOf(SourceUnavailableError);
  });
});

describe('an InRelease file that', () => {
  it.each<readonly [string, () => Promise<Mirror>]>([
    [
      'comes a little now and then',
      http((_request, response) => {
        response.writeHead(200);
        everyMs(50, response, 'Origin: Debian\n');
      }),
    ],
    [
      'never ends',
      http((_request, response) => {
        response.writeHead(200);
        forEver(response, Buffer.alloc(1 << 16, 'x'));
      }),
    ],
  ])('%s is given up', async (_title, start) => {
    await using mirror = await start();
    await using client = new HttpClient({connectTimeoutMs: 1000, stallTimeoutMs: 200});

    const reading = fetchInRelease(client, mirror.url, 'trixie', new AbortController().signal);

    await expect(reading).rejects.toThrow();
  });
});

it('holds no more of an endless body than the pinned size', async () => {
  let sent = 0;
  await using endless = await startServer((_request, response) => {
    response.writeHead(200);
    const more = (): void => {
      while (sent < 1 << 30 && response.write(bytes)) sent += bytes.length;
    };
    response.on('drain', more);
    more();
  });

  await fetchSources([sourceAt(`${endless.url}/x`)], options()).catch(() => undefined);

  // What lies in the buffers of the connection counts too.
  expect(sent).toBeLessThan(64 << 20);
  expect(await readdir(directory)).toEqual([]);
});
