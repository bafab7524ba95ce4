import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';

/** What a server of a test does with one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTP server on this machine, and what it was asked. */
export interface LoopbackServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`, without a slash at its end. */
  readonly url: string;
  /** Method, path and Range of each request, in order. */
  readonly requests: readonly string[];
}

/** Starts a server that answers every request with `handler`. */
export async function startServer(handler: Handler): Promise<LoopbackServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(
      [request.method, request.url, request.headers.range]
        .filter((part) => part !== undefined)
        .join(' '),
    );
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers with these bytes, or the part that Range asks for. */
export function serve(bytes: Buffer): Handler {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const part = bytes.subarray(start);
    const range = {'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`};
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': part.length,
      ...(start > 0 ? range : {}),
    });
    response.end(part);
  };
}

/** Announces all bytes, sends some of them, waits until the client has taken some, then breaks the connection. */
export function cutAfter(bytes: Buffer, count: number, taken: () => Promise<void>): Handler {
  return (_request, response) => {
    response.writeHead(200, {'content-length': bytes.length});
    response.write(bytes.subarray(0, count));
    void taken().then(() => response.destroy());
  };
}

/** Sends the head and some bytes, then nothing more. */
export function stallAfter(bytes: Buffer, count: number): Handler {
  return (_request, response) => {
    response.writeHead(200, {'content-length': bytes.length});
    response.write(bytes.subarray(0, count));
  };
}

/** Answers with a status and nothing else. */
export function status(code: number, headers: Readonly<Record<string, string>> = {}): Handler {
  return (_request, response) => response.writeHead(code, headers).end();
}

/** Answers each request with the next of these; the last one stays. */
export function inTurn(...handlers: readonly [Handler, ...Handler[]]): Handler {
  let index = 0;
  return (request, response) => {
    (handlers[Math.min(index, handlers.length - 1)] ?? handlers[0])(request, response);
    index += 1;
  };
}
