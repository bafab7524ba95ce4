import type {Dispatcher} from 'undici';

/** Timeouts of a request, in milliseconds. */
export interface HttpTimeouts {
  readonly connectTimeoutMs: number;
  /** Without a header or a byte of the body. */
  readonly stallTimeoutMs: number;
  /** The minimum speed of a body; not limited by default. */
  readonly slowest?: SlowestBody;
}

/** A body that delivers fewer bytes than this within the time is aborted. */
export interface SlowestBody {
  readonly bytes: number;
  readonly withinMs: number;
}

/** The body arrives too slowly. */
export class SlowBodyError extends Error {
  override readonly name = 'SlowBodyError';
}

/** Streams the chunks of a body. @throws SlowBodyError if it is too slow, and what the body throws. */
export async function* chunksOf(
  body: HttpAnswer['body'],
  slowest: SlowestBody | undefined,
): AsyncGenerator {
  let received = 0;
  const timer =
    slowest &&
    setInterval(() => {
      if (received < slowest.bytes) {
        const seconds = Math.ceil(slowest.withinMs / 1000);
        body.destroy(new SlowBodyError(`only ${received} bytes came in ${seconds} s`));
      }
      received = 0;
    }, slowest.withinMs);
  try {
    for await (const chunk of body) {
      if (chunk instanceof Uint8Array) received += chunk.length;
      yield chunk;
    }
  } finally {
    clearInterval(timer);
  }
}

/** A response with an unread body. */
export interface HttpAnswer {
  readonly statusCode: number;
  /** The URL after redirects. */
  readonly url: string;
  readonly header: (name: string) => string | undefined;
  readonly body: Dispatcher.ResponseData['body'];
}

/** One request, following redirects. */
export interface HttpRequest {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const maxRedirects = 8;
const redirectCodes: readonly number[] = [301, 302, 303, 307, 308];

/** Too many redirects, or a redirect to something other than an http URL. */
export class RedirectError extends Error {
  override readonly name = 'RedirectError';
}

/** An HTTP client. Loads its library on first use, because most runs download nothing. */
export class HttpClient {
  private dispatcher: Promise<Dispatcher> | undefined;

  constructor(
    readonly timeouts: HttpTimeouts,
    /** Used instead of own connections, for a proxy; stays open. */
    private readonly given?: Dispatcher,
  ) {}

  /** @throws what undici throws without a response, `RedirectError`, or the signal's reason. */
  async request(
    url: string,
    {method = 'GET', headers = {}, signal}: HttpRequest,
  ): Promise<HttpAnswer> {
    const {request} = await import('undici');
    this.dispatcher ??= this.given === undefined ? this.open() : Promise.resolve(this.given);
    const dispatcher = await this.dispatcher;
    let current = url;
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      // The library restarts its timeout for each interim response (1xx), of which there may be any number.
      const silence = new AbortController();
      const timer = setTimeout(() => {
        silence.abort(new Error('only interim responses'));
      }, 2 * this.timeouts.stallTimeoutMs);
      const answer = await request(current, {
        method,
        headers,
        signal: AbortSignal.any([signal, silence.signal]),
        dispatcher,
        headersTimeout: this.timeouts.stallTimeoutMs,
        bodyTimeout: this.timeouts.stallTimeoutMs,
      }).finally(() => clearTimeout(timer));
      const header = (name: string): string | undefined => {
        const value = answer.headers[name];
        return typeof value === 'string' ? value : value?.[0];
      };
      const location = header('location');
      if (!redirectCodes.includes(answer.statusCode) || location === undefined) {
        return {statusCode: answer.statusCode, url: current, header, body: answer.body};
      }
      await discard(answer.body);
      current = resolveRedirect(current, location);
    }
    throw new RedirectError(`more than ${maxRedirects} redirects`);
  }

  /** Closes the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.given === undefined) await (await this.dispatcher)?.destroy();
  }

  private async open(): Promise<Dispatcher> {
    const {Agent} = await import('undici');
    return new Agent({connect: {timeout: this.timeouts.connectTimeoutMs}});
  }
}

/** Discards a body, or closes the connection if reading it would take long. */
export async function discard(body: HttpAnswer['body']): Promise<void> {
  await body.dump({limit: 1 << 16}).catch(() => undefined);
}

function resolveRedirect(current: string, location: string): string {
  const target = URL.canParse(location, current) ? new URL(location, current) : undefined;
  if (target === undefined || !/^https?:$/.test(target.protocol)) {
    throw new RedirectError(`redirected to ${location}, which is not an http address`);
  }
  return target.href;
}
